"""The rules of indexes, as a table: a query, and exactly the index that it needs."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import pytest

from firestore_runtime.indexes.rules import missing_index, required_index, required_indexes
from tests.codegen.index_notation import index, shape

PAGE = Path(__file__).parents[2] / "docs" / "indexes.md"


class Row(NamedTuple):
    """A query in parts, and the index that it needs, if any."""

    name: str
    where: str = ""
    order: str = ""
    also: str = ""
    needed: str = ""


RULES = [
    # One field: the automatic indexes serve it.
    Row("everything"),
    Row("one equality", "a =="),
    Row("one choice", "a in"),
    Row("one element", "tags array-contains"),
    Row("one of several elements", "tags array-contains-any"),
    Row("one range", "a >"),
    Row("both ends of a range", "a >=, a <"),
    Row("one !=", "a !="),
    Row("one not-in", "a not-in"),
    Row("one order", "", "a"),
    Row("one descending order", "", "a desc"),
    Row("a range and its own order", "a >", "a"),
    Row("a range and its own order, descending", "a >", "a desc"),
    Row("!= and its own order", "a !=", "a desc"),
    Row("not-in and its own order", "a not-in", "a"),
    Row("a dotted field", "address.city =="),
    Row("a range of a dotted field", "address.city >", "address.city"),
    # Equalities of several fields: automatic indexes are merged.
    Row("two equalities", "a ==, b =="),
    Row("four equalities", "a ==, b ==, c ==, d =="),
    Row("equality and choice", "a ==, b in"),
    Row("two choices", "a in, b in"),
    Row("equality and element", "a ==, tags array-contains"),
    Row("equality, choice and several elements", "a ==, b in, tags array-contains-any"),
    Row("equalities inside of maps", "meta.source ==, meta.kind =="),
    # An equality meets an order or an inequality on another field.
    Row("equality and order", "a ==", "t", needed="a, t"),
    Row("equality and descending order", "a ==", "t desc", needed="a, t desc"),
    Row("equality and range", "a ==, t >", needed="a, t"),
    Row("equality and range, ordered", "a ==, t >", "t desc", needed="a, t desc"),
    Row("equality and !=", "a ==, b !=", needed="a, b"),
    Row("equality and not-in", "a ==, b not-in", needed="a, b"),
    Row("equalities come in the order of their names", "c ==, b ==, a ==", "t", needed="a, b, c, t"),
    Row("choice and order", "a in", "t desc", needed="a, t desc"),
    Row("choice and range", "a in, t >", needed="a, t"),
    Row("equality, choice and order", "b ==, a in", "t", needed="a, b, t"),
    Row("element and order", "tags array-contains", "t", needed="tags contains, t"),
    Row("element and descending order", "tags array-contains", "t desc", needed="tags contains, t desc"),
    Row("several elements and order", "tags array-contains-any", "t", needed="tags contains, t"),
    Row("element and range", "tags array-contains, t >=", needed="tags contains, t"),
    Row("element, equality and order", "tags array-contains, a ==", "t", needed="a, tags contains, t"),
    Row("dotted equality and order", "meta.source ==", "t desc", needed="meta.source, t desc"),
    Row("equality and dotted order", "a ==", "stats.count desc", needed="a, stats.count desc"),
    Row("quoted fields", "`pen-names` ==", "`made-at`", needed="`pen-names`, `made-at`"),
    # Several orders and inequalities.
    Row("two orders", "", "a, b", needed="a, b"),
    Row("two orders of two directions", "", "a desc, b", needed="a desc, b"),
    Row("two descending orders", "", "a desc, b desc", needed="a desc, b desc"),
    Row("three orders and an equality", "z ==", "a, b desc, c", needed="z, a, b desc, c"),
    Row("range and another order behind", "a >", "a, b desc", needed="a, b desc"),
    Row("range and another order in front", "b >", "a", needed="a, b"),
    Row("the range follows the last direction", "b >", "a desc", needed="a desc, b desc"),
    Row("two ranges", "b >, a <", needed="a, b"),
    Row("two ranges, the second one ordered", "a >, b >", "b desc", needed="b desc, a desc"),
    Row("two ranges, both ordered", "a >, b >", "b, a desc", needed="b, a desc"),
    Row("three ranges by name behind the order", "d >, c >, b >", "t desc", needed="t desc, b desc, c desc, d desc"),
    Row("two ranges and an equality", "z ==, b >, a <", needed="z, a, b"),
    Row("range and != on two fields", "a >, b !=", needed="a, b"),
    # A field that == fixes has no order left.
    Row("order of a fixed field", "a ==", "a"),
    Row("descending order of a fixed field", "a ==", "a desc"),
    Row("order of a fixed field before another", "a ==", "a, t desc", needed="a, t desc"),
    Row("order of a fixed field behind another", "a ==", "t desc, a", needed="a, t desc"),
    Row("order of one of two fixed fields", "a ==, b ==", "b desc"),
    Row("range of a fixed field", "a ==, a >"),
    Row("order of a chosen field", "a in", "a desc"),
    Row("order of a chosen field beside an equality", "a in, b ==", "a desc", needed="b, a desc"),
    Row("order of an array by one of its elements", "tags array-contains", "tags", needed="tags contains, tags"),
    # The document's name.
    Row("ascending name", "", "__name__"),
    Row("descending name", "", "__name__ desc", needed="__name__ desc"),
    Row("name in the direction of the last order", "", "t desc, __name__ desc"),
    Row("name against the last order", "", "t, __name__ desc", needed="t, __name__ desc"),
    Row("name against a descending order", "", "t desc, __name__", needed="t desc, __name__"),
    Row("equality and ascending name", "a ==", "__name__"),
    Row("equality and descending name", "a ==", "__name__ desc", needed="a, __name__ desc"),
    Row("equality, order and name along", "a ==", "t desc, __name__ desc", needed="a, t desc"),
    Row("equality, order and name against", "a ==", "t, __name__ desc", needed="a, t, __name__ desc"),
    Row("orders behind the name", "", "__name__, t desc"),
    Row("a range behind the name", "t >", "__name__", needed="__name__, t"),
    Row("one name", "__name__ =="),
    Row("one name and an order", "__name__ ==", "t"),
    Row("some names and an equality", "__name__ in, a =="),
    Row("a range of names", "__name__ >"),
    Row("a range of names and an equality", "__name__ >, a =="),
    Row("a range of names and an order", "__name__ >", "t desc"),
    # Sums and averages read their fields from the index.
    Row("a sum", also="sum n"),
    Row("a sum and an equality", "a ==", also="sum n", needed="a, n"),
    Row("an average and a range", "t >", also="average n", needed="t, n"),
    Row("a sum of the range's field", "n >", also="sum n"),
    Row("a sum and an average", also="sum m, average n", needed="m, n"),
    Row("a sum and an average of one field", also="sum n, average n"),
    Row("a sum of a fixed field", "n ==, a ==", also="sum n"),
    Row("a sum of a chosen field", "n in, a ==", also="sum n", needed="a, n"),
    Row("a sum behind an element", "tags array-contains", also="sum n", needed="tags contains, n"),
    Row("a sum behind a descending order", "a ==", "t desc", "sum n", "a, t desc, n desc"),
    Row("a sum before the name", "a ==", "__name__ desc", "sum n", "a, n desc, __name__ desc"),
    # Vectors are never searched without an index of their own.
    Row("nearest", also="nearest v", needed="v vector"),
    Row("nearest of one user", "a ==", also="nearest v", needed="a, v vector"),
    Row("nearest with two filters", "b ==, a ==", also="nearest v", needed="a, b, v vector"),
    Row("nearest with a choice", "a in", also="nearest v", needed="a, v vector"),
    Row("nearest with an element", "tags array-contains, a ==", also="nearest v", needed="a, tags contains, v vector"),
    Row("nearest with a range", "a ==, t >", also="nearest v", needed="a, t, v vector"),
    Row("nearest with a name", "__name__ in", also="nearest v", needed="v vector"),
    # Collection groups have no automatic indexes.
    Row("a group, all of it", also="group"),
    Row("a group by one field", "a ==", also="group", needed="a"),
    Row("a group by one choice", "a in", also="group", needed="a"),
    Row("a group by an element", "tags array-contains", also="group", needed="tags contains"),
    Row("a group, ordered", "", "t desc", "group", "t desc"),
    Row("a group by a range", "t >", also="group", needed="t"),
    Row("a group by two equalities", "a ==, b ==", also="group", needed="a, b"),
    Row("a group by equality and order", "a ==", "t desc", "group", "a, t desc"),
    Row("nearest of a group", "a ==", also="group, nearest v", needed="a, v vector"),
    # Unindexed fields have none either.
    Row("an unindexed field", "x ==", also="unindexed x", needed="x"),
    Row("an order by an unindexed field", "", "x desc", "unindexed x", "x desc"),
    Row("an unindexed field does not merge", "a ==, x ==", also="unindexed x", needed="a, x"),
    Row("inside of an unindexed map", "x.y ==", also="unindexed x", needed="x.y"),
    Row("a name that starts alike", "xy ==, a ==", also="unindexed x"),
    Row("another field is unindexed", "a ==, b ==", also="unindexed x"),
]


def test_the_table_is_a_table() -> None:
    assert len(RULES) >= 60
    assert len({row.name for row in RULES}) == len(RULES)
    assert len({row[1:4] for row in RULES}) == len(RULES), "a query twice"


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.name)
def test_rule(row: Row) -> None:
    query = shape(row.where, row.order, row.also)
    expected = index(row.needed, group=query.group) if row.needed else None
    assert required_index(query) == expected
    assert missing_index(query, [expected] if expected else []) is None


MINIMAL: list[tuple[str, list[tuple[str, str]], list[str]]] = [
    ("none", [("a ==", ""), ("", "t")], []),
    ("one for two like queries", [("a ==", "t"), ("a ==, t >", ""), ("a in", "t")], ["a, t"]),
    ("an order serves an equality", [("", "a desc, t"), ("a ==", "t")], ["a desc, t"]),
    ("but not of another direction", [("", "a desc, t"), ("a ==", "t desc")], ["a desc, t", "a, t desc"]),
    ("two merge", [("a ==", "t"), ("b ==", "t"), ("a ==, b ==", "t")], ["a, t", "b, t"]),
    ("in any order", [("a ==, b ==", "t"), ("b ==", "t"), ("a ==", "t")], ["a, t", "b, t"]),
    ("an element merges", [("a ==", "t"), ("g array-contains", "t"), ("a ==, g array-contains", "t")],
     ["a, t", "g contains, t"]),
    ("what overlaps merges", [("a ==, b ==", "t"), ("b ==, c ==", "t"), ("a ==, b ==, c ==", "t")],
     ["a, b, t", "b, c, t"]),
    ("what covers a part does not serve", [("a ==", "t"), ("a ==, b ==", "t")], ["a, b, t", "a, t"]),
    ("orders of other directions do not merge", [("a ==", "t"), ("b ==", "t desc"), ("a ==, b ==", "t")],
     ["a, b, t", "a, t", "b, t desc"]),
    ("a longer order does not serve", [("", "t, u"), ("a ==", "t"), ("a ==", "t, u")], ["a, t", "a, t, u", "t, u"]),
    ("an element is no equality", [("g ==", "t"), ("g array-contains", "t")], ["g, t", "g contains, t"]),
]  # fmt: skip


@pytest.mark.parametrize(("queries", "expected"), [row[1:] for row in MINIMAL], ids=[row[0] for row in MINIMAL])
def test_the_fewest_indexes_serve_all_queries(queries: list[tuple[str, str]], expected: list[str]) -> None:
    shapes = [shape(where, order) for where, order in queries]
    found = required_indexes(shapes)
    assert set(found) == set(map(index, expected))
    assert found == required_indexes(reversed(shapes)), "in a stable order"


def test_none_of_the_fewest_can_be_spared() -> None:
    """Every set of equalities before two orders, of which those of one field merge to all others."""
    fields = ("a", "b", "c", "d")
    sets = [chosen for length in range(5) for chosen in combinations(fields, length)]
    shapes = [shape(", ".join(f"{field} ==" for field in chosen), "t, u") for chosen in sets]
    found = required_indexes(shapes)
    assert set(found) == {index("t, u"), *(index(f"{field}, t, u") for field in fields)}
    for spared in found:
        others = [other for other in found if other != spared]
        assert any(missing_index(query, others) for query in shapes)


def test_vector_indexes_do_not_merge() -> None:
    shapes = [shape(where, also="nearest v") for where in ("", "a ==", "b ==", "a ==, b ==", "b ==, a ==")]
    assert set(required_indexes(shapes)) == set(
        map(index, ("v vector", "a, v vector", "b, v vector", "a, b, v vector"))
    )


def test_the_indexes_of_groups_serve_no_single_collection() -> None:
    alone, group = shape("a ==", "t"), shape("a ==", "t", "group")
    assert required_indexes([alone, group]) == (index("a, t"), index("a, t", group=True))


def test_a_group_merges_settings_of_single_fields() -> None:
    shapes = [shape(where, also="group") for where in ("a ==", "b ==", "a ==, b ==")]
    assert required_indexes(shapes) == (index("a", group=True), index("b", group=True))


def test_an_index_as_json() -> None:
    assert index("a, g contains, t desc, v vector").as_json() == {
        "collectionGroup": "things",
        "queryScope": "COLLECTION",
        "fields": [
            {"fieldPath": "a", "order": "ASCENDING"},
            {"fieldPath": "g", "arrayConfig": "CONTAINS"},
            {"fieldPath": "t", "order": "DESCENDING"},
            {"fieldPath": "v", "vectorConfig": {"dimension": 3, "flat": {}}},
        ],
    }
    assert not index("v vector").is_single_field


def test_the_index_of_one_field_is_a_setting_beside_the_automatic_ones() -> None:
    automatic = [
        {"order": "ASCENDING", "queryScope": "COLLECTION"},
        {"order": "DESCENDING", "queryScope": "COLLECTION"},
        {"arrayConfig": "CONTAINS", "queryScope": "COLLECTION"},
    ]
    group = index("t desc", group=True)
    assert group.is_single_field
    assert group.as_json() == {
        "collectionGroup": "things",
        "fieldPath": "t",
        "indexes": [*automatic, {"order": "DESCENDING", "queryScope": "COLLECTION_GROUP"}],
    }
    restored = index("x").as_json()["indexes"]
    assert sorted(map(str, restored)) == sorted(map(str, automatic)), "each once"


def test_the_table_of_the_documentation() -> None:
    _, _, section = PAGE.read_text().partition("| Filters | Order | Also | Index |\n|---|---|---|---|\n")
    rows = [line.strip("|").split("|") for line in section.partition("\n\n")[0].splitlines()]
    table = [[cell.replace("`", "").strip() for cell in row] for row in rows]
    assert len(table) >= 25
    for where, order, also, needed in table:
        query = shape(where, order, also)
        expected = None if needed == "none" else index(needed, group=query.group)
        assert required_index(query) == expected, (where, order, also)

"""A schema that has nothing to do with memory, with names that no Python programmer would choose."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.codegen.golden.documents import FLAVOURS, Documents, connected, exploring, settled
from tests.codegen.golden.packages import Case, load
from tests.codegen.golden.samples import Samples

SCHEMA = Path(__file__).parents[1] / "schemas" / "city_library"

pytestmark = pytest.mark.parametrize("flavour", FLAVOURS)


@pytest.fixture
def library() -> Case:
    return load(SCHEMA)


@pytest.fixture
def names(library: Case) -> Any:
    """The package, whose names are not known before it is generated."""
    return library.module()


async def test_every_field_comes_back(library: Case, url: str, flavour: str) -> None:
    async with connected(library, exploring(url), flavour) as client:
        for collection in library.package.collections:
            documents = Documents(library, client, collection)
            created = await documents.create()
            for document_id, model in created:
                await documents.check(document_id, model)
            await documents.check_filters(created)
            await documents.check_updates(created)


def test_every_model_is_written(library: Case, flavour: str) -> None:
    samples = Samples(library.package, library.module())
    for collection in library.package.collections:
        samples.documents(collection)
    assert samples.made == {model.name for model in library.package.models}


async def test_odd_names_in_changes(library: Case, names: Any, url: str, flavour: str) -> None:
    fields = names.BookFields
    publisher = names.BookPublisher(name="Orbit", head_office=names.Address(city="Rome", lines=["a"]))
    book = names.Book(isbn="1", title="Odd", class_="non-fiction", medium=names.Print(), publisher=publisher)
    async with connected(library, url, flavour) as client:
        await settled(client.books.create(book))
        changes = [
            fields.page_count.increment(11),
            fields.ratings_by_country["côte d'ivoire"].set(4.5),
            fields.ratings_by_country["a.b `c` \\d"].set(1.0),
            fields.publisher.head_office.city.set("Oslo"),
            fields.publisher.head_office.lines.union("b", "a"),
            fields.editions["1st"].set(names.Edition(year=1990)),
            fields.tags.union("x"),
            fields.from_.server_timestamp(),
        ]
        await settled(client.books.update("1", *changes, in_="§ 3/4", price=Decimal("9.90"), class_="1st editions"))
        await settled(client.books.update("1", fields.ratings_by_country["côte d'ivoire"].increment(0.25)))
        await settled(
            client.books.update(
                "1", fields.ratings_by_country["a.b `c` \\d"].delete(), fields.editions["1st"].year.set(3)
            )
        )
        changed = await settled(client.books.require("1"))

    assert changed.from_ > book.from_
    assert changed == book.model_copy(
        update={
            "from_": changed.from_,
            "page_count": 10,
            "ratings_by_country": {"côte d'ivoire": 4.75},
            "publisher": names.BookPublisher(name="Orbit", head_office=names.Address(city="Oslo", lines=["a", "b"])),
            "editions": {"1st": names.Edition(year=3)},
            "tags": ["x"],
            "in_": "§ 3/4",
            "price": Decimal("9.90"),
            "class_": names.Class.VALUE_1ST_EDITIONS,
        }
    )


async def test_odd_names_in_queries(library: Case, names: Any, url: str, flavour: str) -> None:
    fields, classes = names.BookFields, names.Class
    shelf = {"medium": names.Audio(speakers=["Ada"]), "ratings_by_country": {"côte d'ivoire": 5.0}}
    async with connected(library, exploring(url), flavour) as client:
        for number, class_ in enumerate([classes.FICTION, classes.NON_FICTION, classes.FICTION]):
            moment = datetime(2024, 1, 1 + number, tzinfo=UTC)
            book = names.Book(isbn=str(number), title="T", class_=class_, page_count=number, from_=moment, **shelf)
            await settled(client.books.create(book))

        async def found(query: Any) -> list[str]:
            return [book.isbn for book in await settled(query.list())]

        assert await found(client.books.where(fields.class_ == classes.FICTION).order_by(fields.from_.desc())) == [
            "2",
            "0",
        ]
        assert await found(client.books.where(fields.page_count > 0).order_by(fields.page_count.desc())) == ["2", "1"]
        assert await found(client.books.where(fields.ratings_by_country["côte d'ivoire"] >= 5.0)) == ["0", "1", "2"]
        assert await found(client.books.where(fields.isbn > "0").order_by(fields.document_id.asc())) == ["1", "2"]
        assert await found(client.books.where(fields.in_ == None)) == ["0", "1", "2"]  # noqa: E711  # it makes a filter
        assert await found(client.books.in_class(class_=classes.FICTION)) == ["2", "0"]
        assert await found(client.books.in_class(class_=classes.FICTION, at_most=1)) == ["0"]


async def test_a_collection_below_a_document(library: Case, names: Any, url: str, flavour: str) -> None:
    async with connected(library, url, flavour) as client:
        loans, others = client.loans(isbn="1"), client.loans(isbn="2")
        loan = names.Loan(reader="ada", due=date(2024, 2, 29), fine=Decimal("0.10"))
        created = await settled(loans.create(loan, id="l1"))
        await settled(loans.update("l1", renewals=1))
        read = await settled(loans.require("l1"))

        assert await settled(others.get("l1")) is None
        assert [each.reader for each in await settled(loans.of_reader(reader="ada").list())] == ["ada"]
        assert loans.path("l1") == "books/1/loans/l1"
    assert created.since == created.touched == read.since
    assert read.touched > read.since
    assert read.since - datetime.now(UTC) < timedelta(minutes=1)


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1])
async def test_numbers_beyond_64_bits(library: Case, names: Any, url: str, flavour: str, number: int) -> None:
    book = names.Book(isbn="1", title="T", class_="fiction", medium=names.Print(), page_count=number)
    async with connected(library, url, flavour) as client:
        with pytest.raises(names.ValidationError, match=r"page_count: .*64 bits"):
            await settled(client.books.create(book))
        assert await settled(client.books.exists("1")) is False

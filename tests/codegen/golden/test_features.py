"""What a feature does beyond storing values, in the package that was generated for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pydantic
import pytest

from tests.codegen.golden.documents import FLAVOURS, connected, settled
from tests.codegen.golden.packages import case

NAIVE = datetime(2024, 1, 2, 3, 4, 5)


def package(name: str) -> Any:
    """The package of a case, whose names are not known before it is generated."""
    return case(name).module()


def test_naive_datetimes_are_refused() -> None:
    names = package("default_now")
    with pytest.raises(pydantic.ValidationError, match="no offset from UTC"):
        names.Event(at=NAIVE)
    with pytest.raises(names.ValidationError, match="no offset from UTC"):
        names.EventFields.at >= NAIVE  # noqa: B015


async def test_naive_datetimes_are_taken_as_utc(url: str) -> None:
    names = package("naive_datetimes")
    event = names.Event(at=NAIVE, others=[NAIVE])
    assert event.at == event.others[0] == NAIVE.replace(tzinfo=UTC)
    async with connected(case("naive_datetimes"), url, "sync") as client:
        client.things.create(event, id="a")
        client.things.update("a", at=NAIVE + timedelta(days=1))
        assert client.things.where(names.EventFields.at == NAIVE + timedelta(days=1)).count() == 1
        updated = client.things.get_snapshot("a").update_time.replace(tzinfo=None)
        client.things.with_options(if_updated_at=updated).update("a", at=NAIVE)


def test_now_is_the_time_of_each_object() -> None:
    event = package("default_now").Event
    before = datetime.now(UTC)
    first, second = event(), event()
    assert before <= first.at <= second.at <= datetime.now(UTC)
    assert first.seen >= first.at
    assert event(seen=None).seen is None


def test_defaults_belong_to_one_object() -> None:
    thing = package("maps").Thing
    first, second = thing(counts={}), thing(counts={})
    first.filled["b"] = 2
    assert second.filled == {"a": 1}


async def test_absent_fields_take_their_defaults(url: str) -> None:
    names = package("objects")
    fields = names.PurchaseFields
    purchase = names.Purchase(customer=names.Buyer(name="Ada"), lines=[], first_note=names.Note(text="old"), notes={})
    async with connected(case("objects"), url, "sync") as client:
        client.things.create(purchase, id="a")
        client.things.update("a", fields.first_note.delete(), fields.notes.delete())
        with pytest.raises(names.ValidationError, match="'lines' cannot be deleted"):
            client.things.update("a", fields.lines.delete())
        read = client.things.require("a")
    assert read == purchase.model_copy(update={"first_note": names.Note(text="new"), "notes": None})


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_server_timestamps(url: str, flavour: str) -> None:
    names = package("server_timestamps")
    async with connected(case("server_timestamps"), url, flavour) as client:
        created = await settled(client.things.create(names.Event(name="a"), id="a"))
        await settled(client.things.update("a", name="b"))
        updated = await settled(client.things.require("a"))
        await settled(client.things.set("a", updated))
        replaced = await settled(client.things.require("a"))
    assert created.created == created.changed == updated.created == replaced.created
    assert created.changed < updated.changed < replaced.changed


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_ids(url: str, flavour: str) -> None:
    names = package("document_ids")
    async with connected(case("document_ids"), url, flavour) as client:
        one, other = [await settled(client.generated.create(names.Generated(name="x"))) for _ in range(2)]
        assert (len(one.id), one.id == other.id) == (20, False)
        with pytest.raises(names.ValidationError, match="no id"):
            await settled(client.bare.create(names.Bare()))
        with pytest.raises(names.ValidationError, match="'a', but the model's own is 'b'"):
            await settled(client.stored.set("a", names.Stored(id="b", name="x")))
        await settled(client.unstored.set(names.Unstored(isbn="1")))
        found = await settled(client.unstored.where(names.UnstoredFields.isbn == "1").list())
        assert [each.isbn for each in found] == ["1"]


CONSTANTS: dict[str, Any] = {
    "text": "a\"b'c\\",
    "count": -3,
    "ratio": 0.5,
    "whole": 2,
    "flag": True,
    "moment": datetime(2024, 1, 2, 1, 4, 5, 678901, UTC),
    "day": date(2024, 2, 29),
    "clock": time(12, 30),
    "length": timedelta(days=1, hours=2),
    "price": Decimal("1.50"),
    "key": UUID("12345678-1234-5678-1234-567812345678"),
    "data": b"hello",
    "colour": "1st",
    "level": 2,
    "free": "x",
    "either": 7,
    "book": "books/b1",
}


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_declared_queries(url: str, flavour: str) -> None:
    names = package("queries")
    async with connected(case("queries"), url, flavour) as client:
        books = client.books
        others: list[dict[str, Any]] = [{}, {"colour": "red", "maybe": "m", "odd_name": "o"}, {"day": date(2025, 1, 1)}]
        for number, other in enumerate(others):
            book = names.Book(**{**CONSTANTS, "odd_name": str(number), **other})
            await settled(books.create(book, id=str(number)))

        async def found(query: Any) -> list[str]:
            return [book.odd_name for book in await settled(query.list())]

        operands = {"text": CONSTANTS["text"], "below": 0, "most": -3, "above": -4, "least": -3}
        assert await found(books.everything()) == ["0", "o", "2"]
        assert await found(books.constants()) == ["0"]
        assert await found(books.operators(**operands, other=0.25)) == ["0", "o", "2"]
        assert await found(books.operators(**operands, other=0.5)) == []
        assert await found(books.optional_parameters()) == ["2", "0", "o"]
        assert await found(books.optional_parameters(since=date(2024, 6, 1), colour=names.Colour.VALUE_1ST)) == ["2"]
        assert await found(books.not_null()) == ["o"]
        assert await found(books.class_of(query=CONSTANTS["text"], limit="o")) == ["o"]

"""Packages that were generated for older contracts run on the runtime as it is; see README.md."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from firestore_codegen.pipeline import generate_files
from firestore_runtime.contract import CONTRACT, OLDEST_CONTRACT
from firestore_runtime.errors import ConfigurationError

HERE = Path(__file__).parent
CONTRACTS = range(OLDEST_CONTRACT, CONTRACT + 1)
NAME = "library_store"


def _forget() -> None:
    """Let the next import of the package be of another one."""
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]


@pytest.fixture(params=CONTRACTS, ids="contract {}".format)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The package of a contract, whose types are not known here."""
    _forget()
    monkeypatch.syspath_prepend(HERE / f"contract_{request.param}")
    yield import_module(NAME)
    _forget()


def test_every_supported_contract_has_its_package() -> None:
    assert sorted(path.name for path in HERE.glob("contract_*")) == [f"contract_{number}" for number in CONTRACTS]


def test_documents(library: Any, tmp_path: Path) -> None:
    with library.LibraryClient.connect(f"sqlite:///{tmp_path / 'store.db'}") as client:
        emma = library.Book(isbn="1", author="Austen", class_=library.BookClass.FICTION)
        assert client.books.create(emma) == emma
        client.books.update("1", published=date(1815, 12, 23))
        client.books.update("1", library.BookFields.class_.delete())
        assert client.books.get("1") == emma.model_copy(update={"published": date(1815, 12, 23), "class_": None})
        with pytest.raises(library.AlreadyExistsError):
            client.books.create(emma)
        client.books.delete("1")
        assert client.books.get("1") is None


def test_queries(library: Any) -> None:
    with library.LibraryClient.connect("memory:") as client:
        years = {"1": 1811, "2": 1815, "3": 1818}
        books = [library.Book(isbn=isbn, author="Austen", published=date(year, 1, 1)) for isbn, year in years.items()]
        client.books.create_many([*books, library.Book(isbn="4", author="Burney")])
        assert [book.isbn for book in client.books.by_author(author="Austen")] == ["3", "2", "1"]
        fields = library.BookFields
        assert client.books.where(fields.published < date(1816, 1, 1)).count() == 2
        assert client.books.where((fields.isbn == "1") | (fields.author == "Burney")).count() == 2
        with pytest.raises(library.MissingIndexError):
            client.books.where(fields.author == "Austen").order_by(fields.class_.asc()).list()


def test_collections_in_documents(library: Any) -> None:
    since = datetime(2024, 5, 1, tzinfo=UTC)
    with library.LibraryClient.connect("memory:") as client:
        client.loans(isbn="1").create(library.Loan(reader="Ada", since=since))
        assert client.loans(isbn="1").all().list() == [library.Loan(reader="Ada", since=since)]
        assert client.loans.group.count() == 1


def test_transactions(library: Any) -> None:
    def rename(transaction: Any) -> str:
        book = transaction.books.require("1")
        transaction.books.update("1", author="Jane Austen")
        return str(book.author)

    with library.LibraryClient.connect("memory:") as client:
        client.books.create(library.Book(isbn="1", author="Austen"))
        assert client.run_transaction(rename) == "Austen"
        assert client.books.require("1").author == "Jane Austen"


async def test_asynchronous_clients(library: Any) -> None:
    async def copy(transaction: Any) -> None:
        book = await transaction.books.require("1")
        await transaction.books.set(book.model_copy(update={"isbn": "2"}))

    async with library.AsyncLibraryClient.connect("memory:") as client:
        await client.books.create(library.Book(isbn="1", author="Austen"))
        await client.books.update("1", author="Jane Austen")
        await client.run_transaction(copy)
        assert [book.isbn async for book in client.books.by_author(author="Jane Austen")] == ["2", "1"]
        assert await client.loans(isbn="1").all().list() == []


def test_settings(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIBRARY_STORE_URL", "memory:")
    monkeypatch.setenv("LIBRARY_STORE_NAMESPACE", "north")
    with library.LibraryClient.connect() as client:
        assert client.namespace == "north"


def test_the_plugin_for_pytest(library: Any, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_a_client(library_client):
            assert library_client.books.all().list() == []
        """
    )
    pytester.makeconftest(
        f"""
        import sys
        sys.path.insert(0, {str(Path(library.__file__).parents[1])!r})
        pytest_plugins = ["{NAME}.pytest_plugin"]
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("contract", "remedy"), [(0, "firestore-codegen generate"), (999, "pip install -U firestore-memory")]
)
def test_other_contracts_are_refused(
    contract: int, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = generate_files(HERE.parents[1] / "schemas" / "library").files["__init__.py"]
    call = f"check_contract(__name__, {CONTRACT})"
    assert source.count(call) == 1
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "__init__.py").write_text(source.replace(call, f"check_contract(__name__, {contract})"))
    monkeypatch.syspath_prepend(tmp_path)
    _forget()

    with pytest.raises(ConfigurationError) as caught:
        import_module(NAME)

    message = str(caught.value)
    assert f"`{NAME}` was generated for contract {contract}" in message
    supported = str(CONTRACT) if OLDEST_CONTRACT == CONTRACT else f"{OLDEST_CONTRACT} to {CONTRACT}"
    assert f"supports {supported}:" in message
    assert remedy in message

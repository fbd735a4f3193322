"""Filters, on collections and on queries."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from city_library import BookFields as B
from city_library import Class, DocumentPath, GeoPoint, LibraryClient, Wear
from firestore_memory import AgentDataFields as D
from firestore_memory import Filter, MemoryClient, MemoryItem, TurnRole
from firestore_memory import MemoryItemFields as F
from firestore_memory import SessionTurnFields as T


def memory(client: MemoryClient) -> None:
    items, now = client.memory_items, datetime.now(UTC)
    items.where(F.user_id == "ada", F.timestamp >= now, F.expiration != None, F.metadata["x"] == 1)
    items.where(F.user_idd == "ada")  # E: attr-defined
    items.where(F.user_id == 3)  # E: arg-type
    items.where(F.user_id >= 3)  # E: operator
    items.where(F.timestamp > "2024-01-01")  # E: operator
    items.where(F.timestamp >= None)  # E: operator
    items.where(F.user_id < None)  # E: operator
    items.where(F.embedding > [1.0])  # E: arg-type operator
    items.where(F.embedding == ["a"])  # E: arg-type
    items.where(F.metadata == {1: 2})  # E: arg-type
    items.where(F.metadata > {})  # E: operator
    items.where(D.agent_id == "a")  # E: arg-type
    items.all().where(D.agent_id == "a")  # E: arg-type
    items.where((F.user_id == "ada") & (D.agent_id == "a"))  # E: operator
    items.where("user_id")  # E: arg-type
    items.where(F.user_id)  # E: arg-type
    items.where(True)  # E: arg-type
    items.where(F.document_id == 3)  # E: arg-type
    filters: list[Filter[MemoryItem]] = [F.user_id == "ada"]
    items.where(*filters)
    turns = client.session_turns(session_id="s1")
    turns.where(T.role == TurnRole.USER, T.token_count < 3)
    turns.where(T.role == "user")  # E: arg-type
    turns.where(T.token_count < 3.5)  # E: operator


def library(client: LibraryClient) -> None:
    books = client.books
    books.where(B.class_ == Class.FICTION, B.published < date(2024, 1, 1), B.kept_at == GeoPoint(1, 2))
    books.where(B.class_ == "fiction")  # E: arg-type
    books.where(B.condition == 1)  # E: arg-type
    books.where(B.condition <= Wear.GOOD)
    books.where(B.published < "2024-01-01")  # E: operator
    books.where(B.reading_time == timedelta(hours=1), B.price == Decimal(1))
    books.where(B.reading_time < timedelta(hours=1))  # E: arg-type operator
    books.where(B.price >= Decimal(1))  # E: arg-type operator
    books.where(B.price == 1.5)  # E: arg-type
    books.where(B.author == DocumentPath("authors/a"))
    books.where(B.author == "authors/a")  # E: arg-type
    books.where(B.meaning > [1.0, 2.0, 3.0])  # E: arg-type operator
    books.where(B.tags > ["a"])  # E: arg-type operator
    books.where(B.publisher.head_office.city == "Rome")
    books.where(B.publisher.head_office.town == "Rome")  # E: attr-defined
    books.where(B.publisher.head_office.city == 3)  # E: arg-type
    books.where(B.publisher > 3)  # E: arg-type operator
    books.where(B.ratings_by_country["côte d'ivoire"] >= 3)
    books.where(B.ratings_by_country["se"] >= "3")  # E: operator
    books.where(B.ratings_by_country[1] >= 3)  # E: index
    books.where(B.extra["a"] == "anything", B.id_in_old_system == 3, B.id_in_old_system == "3")
    books.where(B.id_in_old_system == 3.5)  # E: arg-type
    books.where(F.user_id == "ada")  # E: arg-type

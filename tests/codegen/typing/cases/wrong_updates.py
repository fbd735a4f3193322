"""What `update` takes."""

from datetime import UTC, datetime

from city_library import BookFields as B
from city_library import LibraryClient
from firestore_memory import AgentDataFields as D
from firestore_memory import Change, MemoryClient, MemoryItem, MemoryItemPatch
from firestore_memory import MemoryItemFields as F


def memory(client: MemoryClient) -> None:
    items = client.memory_items
    items.update("a", text_content=None, metadata={}, timestamp=datetime.now(UTC))
    items.update("a", text_contnt="x")  # E: call-arg
    items.update("a", text_content=3)  # E: arg-type
    items.update("a", user_id=None)  # E: arg-type
    items.update("a", embedding=["x"])  # E: list-item
    items.update("a", id="b")  # E: call-arg
    items.update(text_content="x")  # E: call-arg
    items.update("a", F.text_content == "x")  # E: arg-type
    items.update("a", F.text_content.set("x"), F.timestamp.server_timestamp(), F.metadata["n"].increment(1))
    items.update("a", F.text_content.set(3))  # E: arg-type
    items.update("a", F.text_content.increment(1))  # E: attr-defined
    items.update("a", F.text_content.server_timestamp())  # E: attr-defined
    items.update("a", F.embedding.union(1.0))  # E: attr-defined
    items.update("a", D.agent_id.set("x"))  # E: arg-type
    items.update("a", {"text_content": "x"})  # E: arg-type
    items.update("a", if_updated_at=datetime.now(UTC))  # E: call-arg
    patch: MemoryItemPatch = {"text_content": "x"}
    items.update("a", **patch)
    wrong: MemoryItemPatch = {"text_contnt": "x"}  # E: typeddict-unknown-key
    other: Change[MemoryItem] = D.agent_id.delete()  # E: assignment
    client.session_turns(session_id="s").update("t", content="x")
    client.session_turns(session_id="s").update("t", created_at=datetime.now(UTC))  # E: call-arg


def library(client: LibraryClient) -> None:
    books = client.books
    books.update("1", B.tags.union("a", "b"), B.page_count.increment(2), B.rating.maximum(3), from_=datetime.now(UTC))
    books.update("1", B.tags.union(1))  # E: arg-type
    books.update("1", B.tags.remove("a", None))  # E: arg-type
    books.update("1", B.page_count.increment("1"))  # E: arg-type
    books.update("1", B.page_count.increment(1.5))  # E: arg-type
    books.update("1", B.rating.minimum("1"))  # E: arg-type
    books.update("1", B.tags.increment(1))  # E: attr-defined
    books.update("1", B.ratings_by_country["se"].set("5"))  # E: arg-type
    books.update("1", B.publisher.head_office.city.set("Rome"))
    books.update("1", B.publisher.head_office.city.set(3))  # E: arg-type
    books.update("1", class_="fiction")  # E: arg-type
    books.update("1", isbn="2")  # E: call-arg
    books.update("1", F.text_content.set("x"))  # E: arg-type

"""The operators of fields, and the parts, sums and pages of queries."""

from city_library import BookFields as B
from city_library import Class, LibraryClient, Wear
from firestore_memory import AgentDataFields as D
from firestore_memory import Index, MemoryClient, MemoryItem, Page, SessionTurn, TurnRole
from firestore_memory import MemoryItemFields as F
from firestore_memory import SessionTurnFields as T


def operators(client: MemoryClient) -> None:
    items = client.memory_items
    items.where(F.user_id.in_(["ada", "bob"]), F.user_id.in_(("ada",)), F.session_id.not_in(["s"]))
    items.where(F.metadata["tags"].array_contains("x"), F.metadata["n"].is_nan(), F.session_id.is_null())
    items.where(F.user_id.in_([3]))  # E: list-item
    items.where(F.user_id.in_([None]))  # E: list-item
    items.where(F.user_id.in_({"ada"}))  # E: arg-type
    items.where(F.timestamp.not_in(["now"]))  # E: list-item
    items.where(F.user_id.in_("ada", "bob"))  # E: call-arg
    items.where(F.user_id.array_contains("a"))  # E: attr-defined
    items.where(F.user_id.is_nan())  # E: attr-defined
    items.where(F.metadata.array_contains("a"))  # E: attr-defined
    items.where(F.embedding.array_contains(0.5))  # E: attr-defined
    items.where(F.user_idd.in_(["ada"]))  # E: attr-defined
    items.where(D.agent_id.in_(["a"]))  # E: arg-type
    items.where((F.user_id == "ada") & D.agent_id.in_(["a"]))  # E: operator
    items.where((F.user_id == "ada") | D.agent_id.is_null())  # E: operator
    items.where((F.user_id == "ada") & "session_id")  # E: operator
    items.where(F.document_id.in_([3]))  # E: list-item
    turns = client.session_turns.group
    turns.where(T.role.in_([TurnRole.USER]), T.token_count.not_in([1, 2]))
    turns.where(T.role.in_(["user"]))  # E: list-item
    turns.where(T.token_count.in_([1.5]))  # E: list-item
    turns.where(F.user_id == "ada")  # E: arg-type
    client.session_turns.where(T.token_count == 1)  # E: attr-defined
    client.memory_items.group  # E: attr-defined


def parts(client: MemoryClient) -> None:
    query = client.memory_items.order_by(F.timestamp.asc())
    query.start_at("any", 1).start_after("values").end_at(None).end_before("fit").limit_to_last(3)
    query.start_at(value="a")  # E: call-arg
    query.limit_to_last("3")  # E: arg-type
    query.limit_to_last()  # E: call-arg


def numbers(client: MemoryClient) -> None:
    turns = client.session_turns(session_id="s").all()
    total: int = turns.sum(T.token_count)
    mean: float | None = turns.average(T.token_count)
    certain: float = turns.average(T.token_count)  # E: assignment
    text: str = turns.sum(T.token_count)  # E: assignment
    turns.sum(T.content)  # E: arg-type
    turns.average(T.created_at)  # E: arg-type
    turns.sum("token_count")  # E: arg-type
    turns.sum(F.metadata["n"])  # E: arg-type
    client.memory_items.all().sum(F.metadata["n"])
    client.memory_items.all().sum(F.metadata)  # E: arg-type
    client.memory_items.all().average(F.embedding)  # E: arg-type
    client.memory_items.sum(F.metadata["n"])  # E: attr-defined


def pages(client: MemoryClient, cursor: str | None) -> None:
    for page in client.memory_items.all().pages(10, cursor=cursor, on_corrupt="skip"):
        item: MemoryItem = page.items[0]
        cursor = page.cursor
        certain: str = page.cursor  # E: assignment
        turn: SessionTurn = page.items[0]  # E: assignment
        page.items = []  # E: misc
        page.itmes  # E: attr-defined
    kept: Page[MemoryItem] = next(client.memory_items.all().pages(10))
    wrong: Page[SessionTurn] = next(client.memory_items.all().pages(10))  # E: arg-type
    client.memory_items.all().pages()  # E: call-arg
    client.memory_items.all().pages("10")  # E: arg-type
    client.memory_items.all().pages(10, cursor)  # E: call-arg
    client.memory_items.all().pages(10, cursor=3)  # E: arg-type
    client.memory_items.all().explain(analyse=True)  # E: call-arg
    client.memory_items.all().explain().indexes_usde  # E: attr-defined
    index: Index = client.memory_items.all().required_index()  # E: assignment


def library(client: LibraryClient) -> None:
    books = client.books
    books.where(B.tags.array_contains("a"), B.class_.in_([Class.FICTION]), B.publisher.name.in_(["a"]))
    books.where(B.tags.array_contains_any(["a"]), B.rating.is_nan(), B.ratings_by_country["se"].in_([1.5, 2]))
    books.where(B.tags.array_contains(1))  # E: arg-type
    books.where(B.tags.array_contains(["a"]))  # E: arg-type
    books.where(B.tags.array_contains_any([1]))  # E: list-item
    books.where(B.tags.array_contains_any("a", "b"))  # E: call-arg
    books.where(B.tags.in_(["a"]))  # E: list-item
    books.where(B.title.array_contains("a"))  # E: attr-defined
    books.where(B.title.is_nan())  # E: attr-defined
    books.where(B.class_.in_(["fiction"]))  # E: list-item
    books.where(B.condition.in_([Wear.GOOD]), B.condition.not_in([Wear.BROKEN]))
    books.where(B.publisher.name.in_([1]))  # E: list-item
    books.where(B.publisher.nmae.in_(["a"]))  # E: attr-defined
    books.where(B.publisher.array_contains("a"))  # E: attr-defined
    books.where(B.ratings_by_country["se"].in_(["a"]))  # E: list-item
    books.order_by(B.publisher.name.asc()).start_at("a")
    pages: int = books.all().sum(B.page_count)
    rating: float = books.all().sum(B.rating)
    books.all().sum(B.price)  # E: arg-type
    books.all().sum(B.tags)  # E: arg-type
    books.all().average(B.title)  # E: arg-type

"""Documents of a collection, and the collections of a client."""

from datetime import UTC, datetime

from firestore_memory import AgentData, MemoryClient, MemoryItem, Options, PersonaConfig, Retry, SessionTurn, TurnRole


def operations(client: MemoryClient, data: AgentData, item: MemoryItem) -> None:
    items = client.memory_items
    items.set(item)
    items.set("a", item)
    items.set(data)  # E: call-overload
    items.set("a", data)  # E: call-overload
    items.set("a")  # E: call-overload
    items.set(item, "a")  # E: call-overload
    items.create(data)  # E: arg-type
    items.create(item, "a")  # E: call-arg
    items.create(item, id=1)  # E: arg-type
    items.get(1)  # E: arg-type
    items.get()  # E: call-arg
    items.get("a").text_content  # E: union-attr
    items.require("a").text_contnt  # E: attr-defined
    items.get_many([1])  # E: list-item
    items.get_many(["a"])[0].id  # E: union-attr
    items.get_snapshot("a").value  # E: union-attr
    persona: PersonaConfig | None = items.get("a")  # E: assignment
    client.memory_itms  # E: attr-defined


def queries(client: MemoryClient) -> None:
    client.memory_items.conversation_history(user_id="ada", session_id="s1")
    client.memory_items.conversation_history()  # E: call-arg
    client.memory_items.conversation_history("ada")  # E: call-arg
    client.memory_items.conversation_history(user_id="ada", session="s1")  # E: call-arg
    client.memory_items.conversation_history(user_id=1)  # E: arg-type
    client.memory_items.conversation_history(user_id=None)  # E: arg-type
    client.memory_items.expired(now="today")  # E: arg-type
    client.personas.conversation_history(user_id="ada")  # E: attr-defined
    client.session_turns(session_id="s").transcript(role="user")  # E: arg-type


def paths(client: MemoryClient) -> None:
    client.session_turns(session_id="s1").set("t", SessionTurn(role=TurnRole.USER, content="hi"))
    client.session_turns()  # E: call-arg
    client.session_turns("s1")  # E: call-arg
    client.session_turns(session="s1")  # E: call-arg
    client.session_turns(session_id=1)  # E: arg-type
    client.session_turns.get("t")  # E: attr-defined
    client.memory_items(session_id="s1")  # E: operator


def options(client: MemoryClient) -> None:
    client.with_options(timeout=1, retry=False).memory_items.with_options(if_updated_at=datetime.now(UTC))
    client.with_options(timeout="1")  # E: arg-type
    client.with_options(retry=3)  # E: arg-type
    client.memory_items.with_options(if_updated_at="now")  # E: arg-type
    client.memory_items.with_options(user_id="ada")  # E: call-arg
    client.memory_items.all().with_options(if_updated_at=datetime.now(UTC))  # E: call-arg
    Retry(initial="1")  # E: arg-type
    Options(retry=True)  # E: arg-type
    Options().timeout = 3  # E: misc
    MemoryClient.connect(3)  # E: arg-type
    MemoryClient.connect(project="p")  # E: call-arg
    MemoryClient("firestore://p")  # E: arg-type

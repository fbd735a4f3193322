"""An agent's memory in a file: a conversation is stored and read back, and a question finds the facts that answer it.

`make demo` runs it. It needs no server: the store is embedded. For Firestore, change the URL, and nothing else.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from firestore_memory import MemoryClient, MemoryItem, WordLlamaEmbedder
from firestore_memory import MemoryItemFields as F

CONVERSATION = [
    ("ada", "Which city is this song about?"),
    ("sage", "Lisbon. It is sung in every street there."),
    ("ada", "Then remember that I want to go there."),
]
FACTS = [
    "Ada lives in a small flat, close to the river.",
    "She takes her coffee black.",
    "Her cat is called Fado.",
    "On Mondays she plays the guitar in a bar.",
    "She is allergic to nuts.",
]
QUESTIONS = ["What is the name of her pet?", "Is she a musician?", "Does she eat peanuts?"]

console = Console(width=100)


def main() -> None:
    with TemporaryDirectory() as directory:
        url = f"sqlite:///{Path(directory) / 'memory.db'}"  # or firestore://my-project/(default)
        embedder = WordLlamaEmbedder()  # makes vectors of texts, on this machine alone
        with MemoryClient.connect(url, embedder=embedder) as client:
            converse(client)
            remember(client)
            for question in QUESTIONS:
                answer(client, question)
            change(client)


def converse(client: MemoryClient) -> None:
    for speaker, text in CONVERSATION:
        client.memory_items.create(
            MemoryItem(user_id="ada", item_type="conversation", text_content=text, metadata={"speaker": speaker})
        )

    table = Table("stored at", "speaker", "text", title="client.memory_items.conversation_history(user_id='ada')")
    for turn in client.memory_items.conversation_history(user_id="ada"):  # a query that the schema declares
        table.add_row(f"{turn.timestamp:%H:%M:%S.%f}", turn.metadata["speaker"], turn.text_content)
    console.print(table)


def remember(client: MemoryClient) -> None:
    client.memory_items.create_many(
        MemoryItem(user_id="ada", item_type="fact", text_content=text) for text in FACTS
    )  # each gets its vector


def answer(client: MemoryClient, question: str) -> None:
    table = Table("similarity", "memory", title=question)
    for near in client.memory_items.search(question, F.user_id == "ada", limit=2):
        table.add_row(f"{near.similarity:.2f}", near.value.text_content)
    console.print(table)


def change(client: MemoryClient) -> None:
    facts = client.memory_items.where(F.user_id == "ada", F.item_type == "fact")
    fact = facts.order_by(F.timestamp.desc()).list()[0]
    client.memory_items.update(fact.id, F.metadata["uses"].increment(1))
    updated = client.memory_items.require(fact.id)
    console.print(f"Used {updated.metadata['uses']} time: {updated.text_content!r}. Ada has {facts.count()} facts.")


if __name__ == "__main__":
    main()

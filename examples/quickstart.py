"""A short conversation in Firestore: write it, read it back, change it, count it.

`make demo` runs it on the emulator; so does `python -m tests.emulator python examples/quickstart.py`.
"""

from __future__ import annotations

import os
import secrets
import sys

from firestore_memory import MemoryClient, MemoryItem
from firestore_memory import MemoryItemFields as F

CONVERSATION = [
    ("ada", "Which city is this song about?"),
    ("sage", "Lisbon. It is sung in every street there."),
    ("ada", "Then remember that I want to go there."),
]


def main() -> None:
    if "FIRESTORE_EMULATOR_HOST" not in os.environ:
        sys.exit("FIRESTORE_EMULATOR_HOST is not set. Run: make demo")
    namespace = f"demo-{secrets.token_hex(4)}"  # each run sees its own documents
    with MemoryClient.connect("firestore://quickstart", namespace=namespace) as client:
        print(f"Connected to {client.backend.database}, namespace {namespace}\n")
        talk(client)


def talk(client: MemoryClient) -> None:
    for speaker, text in CONVERSATION:
        client.memory_items.create(
            MemoryItem(user_id="ada", item_type="conversation", text_content=text, metadata={"speaker": speaker})
        )
    fact = client.memory_items.create(MemoryItem(user_id="ada", item_type="fact", text_content="Ada likes fado."))

    print("The conversation, newest first, by the declared query `conversation_history`:")
    for turn in client.memory_items.conversation_history(user_id="ada"):
        print(f"  {turn.timestamp:%H:%M:%S.%f}  {turn.metadata['speaker']:>4}: {turn.text_content}")

    client.memory_items.update(fact.id, F.metadata["uses"].increment(1), text_content="Ada likes fado and Lisbon.")
    updated = client.memory_items.require(fact.id)
    print(f"\nThe fact {fact.id}, updated: {updated.text_content} (uses: {updated.metadata['uses']})")

    everything = client.memory_items.where(F.user_id == "ada")
    facts = everything.where(F.item_type == "fact")
    print(f"\nAda has {everything.count()} memories, {facts.count()} of them a fact.")


if __name__ == "__main__":
    main()

"""Memories found by what they mean: texts go in, the nearest ones come out.

It needs the extra `wordllama`. Run it on the emulator: `python -m tests.emulator python examples/semantic_search.py`.
"""

from __future__ import annotations

import os
import secrets
import sys

from firestore_memory import MemoryClient, MemoryItem, WordLlamaEmbedder
from firestore_memory import MemoryItemFields as F

MEMORIES = [
    "Ada lives in Lisbon, close to the river.",
    "She takes her coffee black.",
    "Her cat is called Fado.",
    "On Mondays she plays the guitar in a small bar.",
    "She is allergic to nuts.",
]
QUESTIONS = ["What is the name of her pet?", "Is she a musician?", "Does she eat peanuts?"]


def main() -> None:
    if "FIRESTORE_EMULATOR_HOST" not in os.environ:
        sys.exit("FIRESTORE_EMULATOR_HOST is not set. The top of this file says how to run it.")
    namespace = f"demo-{secrets.token_hex(4)}"  # each run sees its own documents
    embedder = WordLlamaEmbedder()  # works on this machine alone
    with MemoryClient.connect("firestore://quickstart", namespace=namespace, embedder=embedder) as client:
        remember(client)
        for question in QUESTIONS:
            answer(client, question)


def remember(client: MemoryClient) -> None:
    for text in MEMORIES:
        client.memory_items.create(MemoryItem(user_id="ada", item_type="fact", text_content=text))
    print(f"{len(MEMORIES)} memories stored; the client made their vectors.")


def answer(client: MemoryClient, question: str) -> None:
    print(f"\n{question}")
    for near in client.memory_items.search(question, F.user_id == "ada", limit=2):
        print(f"  {near.similarity:.2f}  {near.value.text_content}")


if __name__ == "__main__":
    main()

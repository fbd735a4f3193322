"""A migration while programs write both shapes: nothing they write is lost, and nothing they delete comes back."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

from firestore_memory import MemoryClient, MemoryRecord
from firestore_memory.adapters.legacy_sync import FirestoreMemoryManager
from firestore_memory.adapters.migration import migrate
from firestore_memory.adapters.rollout import migration_mode, report, reset_report

RECORDS = 300
WORKERS = 3


def test_dual_writing_programs_lose_nothing(url: str, client: MemoryClient) -> None:
    manager = FirestoreMemoryManager.from_client(client)
    manager.initialize()
    manager.batch_save_records([a_record(f"{number:04}", "old") for number in range(RECORDS)])
    stop = threading.Event()
    with ThreadPoolExecutor(WORKERS) as pool:
        workers = [pool.submit(work, manager, worker, stop) for worker in range(WORKERS)]
        for _ in range(3):
            assert migrate(url, url, layouts=["records"], batch=20).is_clean
        stop.set()
        expected = {f"{number:04}": "old" for number in range(RECORDS)}
        for worker in workers:
            for record_id, content in worker.result().items():
                expected.pop(record_id, None)
                if content is not None:
                    expected[record_id] = content
    verified = migrate(url, url, layouts=["records"], work="verify")
    assert verified.is_clean, verified.routes
    assert {record.record_id: record.content for record in client.memory_records.all()} == expected
    reset_report()
    with migration_mode("shadow_read"):
        assert len(manager.query_records({"context": "c"})) == len(expected)
        assert all(manager.get_record(record_id).content == content for record_id, content in expected.items())
    assert {tally.different for tally in report().values()} == {0}


def work(manager: FirestoreMemoryManager, worker: int, stop: threading.Event) -> dict[str, str | None]:
    """Write and delete records of one's own until the migration is over; return what they are then."""
    chosen = random.Random(worker)
    written: dict[str, str | None] = {}
    step = 0
    with migration_mode("dual_write"):
        while not stop.is_set():
            number = chosen.randrange(RECORDS // WORKERS) * WORKERS + worker
            record_id = chosen.choice([f"{number:04}", f"{number:04}-{chosen.randrange(20)}"])
            step += 1
            if chosen.random() < 0.3:
                manager.delete_record(record_id)
                written[record_id] = None
            else:
                manager.save_record(a_record(record_id, f"{worker} {step}"))
                written[record_id] = f"{worker} {step}"
    return written


def a_record(record_id: str, content: str) -> MemoryRecord:
    return MemoryRecord(record_id=record_id, context="c", persona="p", content=content)

"""Finding documents whose time to live is over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from firestore_runtime import wire
from firestore_runtime.codecs.scalars import write_timestamp
from firestore_runtime.embedded.documents import ROOT
from firestore_runtime.embedded.semantics.queries import read_query
from firestore_runtime.wire.operators import FIELD_OPERATORS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firestore_runtime.embedded.declared import DeclaredIndexes
    from firestore_runtime.embedded.semantics.queries import Query
    from firestore_runtime.wire import StructuredQuery

AT_ONCE = 500
"""The most documents that each query finds."""


def expired_queries(indexes: DeclaredIndexes) -> Iterator[Query]:
    """Yield a query of what has expired for each field that is declared to hold when a document does."""
    now = datetime.now(UTC)
    for collection_id, declared in indexes.by_collection_id.items():
        for path in declared.time_to_live:
            yield read_query(ROOT, _expired(collection_id, path, now))


def _expired(collection_id: str, path: str, now: datetime) -> StructuredQuery:
    message = wire.StructuredQuery()
    selector = message.from_.add()
    selector.collection_id, selector.all_descendants = collection_id, True
    condition = message.where.field_filter
    condition.field.field_path, condition.op = path, FIELD_OPERATORS["<="].number
    write_timestamp(condition.value.timestamp_value, now)
    message.limit.value = AT_ONCE
    return message

"""The collections that a query searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime import wire
from firestore_runtime.embedded.semantics.name_rules import check_document_name
from firestore_runtime.errors import ValidationError
from firestore_runtime.limits import check_id
from firestore_runtime.paths import DOCUMENT_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firestore_runtime.embedded.semantics.conditions import Comparison
    from firestore_runtime.embedded.semantics.orders import Order
    from firestore_runtime.wire import CollectionSelector, StructuredQuery


def database_of(parent: str) -> str:
    """Return the database of what a query is about: all of it, or what lies below one of its documents.

    Raises:
        ValidationError: It is neither.
    """
    database, found, path = parent.partition("/documents")
    if database.count("/") != 3 or not found:
        raise ValidationError(
            f"the parent {parent[:100]!r} of a query is neither the root of a database nor a document"
        )
    if path:
        check_document_name(parent, database)
    return database


def read_selector(query: StructuredQuery) -> CollectionSelector:
    """Return the collections that a query names; the default is all that lie right below its parent.

    Raises:
        ValidationError: It names several, or one that cannot be.
    """
    if len(query.from_) > 1:
        raise ValidationError(f"a query is about one collection or collection group, not {len(query.from_)}")
    if not query.from_:
        return wire.CollectionSelector()
    if query.from_[0].collection_id:
        check_id(query.from_[0].collection_id, "collection id")
    return query.from_[0]


def check_selector(
    selector: CollectionSelector, has_ancestor: bool, parts: Iterable[Comparison], orders: Sequence[Order]
) -> None:
    """Refuse what no index serves: of all collections, or a collection group below a document, these hold just names.

    Args:
        selector: The collections.
        has_ancestor: Whether the query is about what lies below a document.
        parts: What its filter is made of.
        orders: Its whole order.

    Raises:
        ValidationError: It is about more than names.
    """
    fields = {part.path for part in parts} | {order.path for order in orders}
    if fields == {DOCUMENT_ID} and not orders[-1].descending:
        return
    if not selector.collection_id:
        raise ValidationError("a query of all collections has filters by __name__ alone, and no order but by __name__")
    if selector.all_descendants and has_ancestor:
        raise ValidationError("a query of a collection group below a document has filters and orders by __name__ alone")

# Derived from _async/query.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""Queries: immutable descriptions of a set of documents, run when you ask for results."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pydantic

from firestore_runtime._sync.many import delete_found
from firestore_runtime.documents.reads import OnCorrupt, read_or_report
from firestore_runtime.embedding.texts import checked_text, embed, searched_field
from firestore_runtime.errors import OperationError, ValidationError
from firestore_runtime.indexes.shapes import first_required_index
from firestore_runtime.options import Call
from firestore_runtime.policy.resume import select_keys
from firestore_runtime.queries.aggregations import count_request, number_request, read_number
from firestore_runtime.queries.bounds import checked_bound
from firestore_runtime.queries.checks import checked_filters, checked_limit, checked_number_field, checked_orders
from firestore_runtime.queries.explain import Explanation, read_explanation
from firestore_runtime.queries.nearest import Nearest, NearestSearch, nearest_search
from firestore_runtime.queries.pages import Page, Pager
from firestore_runtime.queries.statements import Statement

if TYPE_CHECKING:
    import builtins
    from collections.abc import Generator, Iterator, Sequence
    from typing import Self

    from firestore_runtime._sync.backend import Backend
    from firestore_runtime.embedders import Embedder
    from firestore_runtime.fields.fields import NumberField, Order, VectorField
    from firestore_runtime.fields.filters import Filter
    from firestore_runtime.index import Index
    from firestore_runtime.options import Options, Retry
    from firestore_runtime.queries.bounds import Bound
    from firestore_runtime.wire import RunAggregationQueryRequest
    from firestore_runtime.wire.operators import Distance

ModelT = TypeVar("ModelT", bound=pydantic.BaseModel)
NumberT = TypeVar("NumberT")


class Query(Generic[ModelT]):
    """A query over a collection. Each method that narrows it returns a new query; iterating runs it.

    Args:
        backend: The store.
        statement: The description of the query.
        options: The options of its calls.
    """

    def __init__(self, backend: Backend, statement: Statement[ModelT], options: Options) -> None:
        self._backend = backend
        self._statement = statement
        self._options = options

    def where(self, *filters: Filter[ModelT]) -> Self:
        """Return the query for the documents that match these filters as well."""
        existing, context = self._statement.filters, self._statement.reference.context
        return self._with(filters=checked_filters(existing, filters, context))

    def order_by(self, *orders: Order[ModelT]) -> Self:
        """Return the query ordered by these keys after those that it is already ordered by."""
        return self._with(orders=(*self._statement.orders, *checked_orders(orders)))

    def limit(self, limit: int) -> Self:
        """Return the query for at most `limit` documents; it replaces any earlier limit.

        Raises:
            ValidationError: The limit is not a positive integer of 32 bits.
        """
        return self._with(limit=checked_limit(limit), from_end=False)

    def limit_to_last(self, limit: int) -> Self:
        """Return the query for at most the last `limit` documents in its order, in that order.

        Raises:
            ValidationError: The limit is not a positive integer of 32 bits, or the query has no order.
        """
        with self._call("limit_to_last"):
            if not self._statement.orders:
                raise ValidationError("only a query with an order has last documents: call order_by first")
            return self._with(limit=checked_limit(limit), from_end=True)

    def start_at(self, *values: object) -> Self:
        """Return the query for the documents from these values of the order's first keys onwards.

        Raises:
            ValidationError: There are more values than the order has keys, or one does not fit its key.
        """
        return self._with(start=self._bound(values, before=True))

    def start_after(self, *values: object) -> Self:
        """Return the query for the documents after these values; see `start_at`."""
        return self._with(start=self._bound(values, before=False))

    def end_at(self, *values: object) -> Self:
        """Return the query for the documents up to and including these values; see `start_at`."""
        return self._with(end=self._bound(values, before=False))

    def end_before(self, *values: object) -> Self:
        """Return the query for the documents before these values; see `start_at`."""
        return self._with(end=self._bound(values, before=True))

    def with_options(
        self,
        *,
        timeout: float | None = None,
        attempt_timeout: float | None = None,
        retry: Retry | bool | None = None,
        embedder: Embedder | None = None,
    ) -> Self:
        """Return the same query with other options: see `Collection.with_options`."""
        options = self._options.merged(timeout, attempt_timeout, retry, None, embedder)
        return type(self)(self._backend, self._statement, options)

    def stream(self, *, on_corrupt: OnCorrupt | None = None) -> Generator[ModelT]:
        """Read the documents one by one, in constant memory.

        If the connection breaks, the read resumes after the last document that arrived. To stop before the end,
        close the stream: `with closing(query.stream()) as models`.

        Args:
            on_corrupt: How to handle a document that does not fit the model; defaults to the choice in `all`.

        Raises:
            CorruptDocumentError: A stored document does not fit the model, and `on_corrupt` is `"raise"`.
        """
        return self._read("stream", on_corrupt)

    def list(self, *, on_corrupt: OnCorrupt | None = None) -> builtins.list[ModelT]:
        """Return all documents; see `stream`."""
        return [model for model in self._read("list", on_corrupt)]

    def first(self, *, on_corrupt: OnCorrupt | None = None) -> ModelT | None:
        """Return the first document, or None if there is none; see `stream`."""
        on_corrupt = on_corrupt or self._statement.on_corrupt
        one_is_enough = on_corrupt == "raise" and not self._statement.from_end
        query = self.limit(1) if one_is_enough else self
        with closing(query._read("first", on_corrupt)) as models:
            for model in models:
                return model
        return None

    def count(self) -> int:
        """Return the number of documents, counted by the server."""
        return int(self._aggregate("count", count_request(self._statement)))

    def sum(self, field: NumberField[ModelT, NumberT]) -> NumberT:
        """Return the sum of a field, computed by the server; 0 if there is nothing to add up.

        Documents without a number in the field do not count.

        Raises:
            ValidationError: It is not the field of a number.
        """
        with self._call("sum"):
            request = number_request(self._statement, "sum", checked_number_field(field))
        total: NumberT = self._aggregate("sum", request)
        return total

    def average(self, field: NumberField[ModelT, Any]) -> float | None:
        """Return the average of a field, computed by the server, or None if there is nothing to average.

        Documents without a number in the field do not count.

        Raises:
            ValidationError: It is not the field of a number.
        """
        with self._call("average"):
            request = number_request(self._statement, "avg", checked_number_field(field))
        mean: float | None = self._aggregate("average", request)
        return mean

    def pages(
        self, size: int, *, cursor: str | None = None, on_corrupt: OnCorrupt | None = None
    ) -> Iterator[Page[ModelT]]:
        """Read the documents page by page, each page with a cursor to the next one.

        Args:
            size: The number of documents in a page.
            cursor: The cursor of an earlier page of the same query, in this process or another, to continue after it.
            on_corrupt: How to handle a document that does not fit the model; a skipped one is missing from
                its page.

        Raises:
            ValidationError: The size is not a positive integer of 32 bits, or the cursor belongs to another query.
        """
        call = self._call("pages")
        with call:
            pager = Pager(self._statement, checked_limit(size, "size"), cursor)
        more = True
        while more:
            items, last, received = [], None, 0
            for response in self._backend.run_query(pager.request(), call):
                if response.HasField("document"):
                    last, received = response.document, received + 1
                    model = read_or_report(
                        self._statement.reference, last, call, on_corrupt or self._statement.on_corrupt
                    )
                    if model is not None:
                        items.append(model)
            following = pager.advance(last, received)
            if received:
                yield Page(items, following)
            more = following is not None

    def find_nearest(
        self,
        field: VectorField[ModelT],
        vector: Sequence[float],
        *,
        limit: int,
        threshold: float | None = None,
        distance: Distance | None = None,
        on_corrupt: OnCorrupt | None = None,
    ) -> builtins.list[Nearest[ModelT]]:
        """Return the documents whose vectors are nearest to the given one, nearest first.

        Documents whose field is unset, has another dimension or holds an array instead of a vector are left out.

        Args:
            field: The field whose vectors are compared.
            vector: The vector to compare with: as many finite numbers as the schema declares.
            limit: The most documents to return, 1 to 1,000.
            threshold: The largest distance, or with `DOT_PRODUCT` the smallest.
            distance: The measure; defaults to the one in the schema.
            on_corrupt: How to handle a document that does not fit the model; defaults to the choice in `all`.

        Raises:
            ValidationError: An argument is out of range, or the query has an order, a start, an end or a limit.
            CorruptDocumentError: A stored document does not fit the model, and `on_corrupt` is `"raise"`.
        """
        call = self._call("find_nearest")
        with call:
            search = nearest_search(self._statement, field, vector, limit, threshold, distance)
            return self._nearest(search, call, on_corrupt)

    def search(
        self,
        text: str,
        *,
        field: VectorField[ModelT] | None = None,
        limit: int = 10,
        threshold: float | None = None,
        distance: Distance | None = None,
        on_corrupt: OnCorrupt | None = None,
    ) -> builtins.list[Nearest[ModelT]]:
        """Return the documents nearest in meaning to a text: `find_nearest` with the embedding of the text.

        Args:
            text: The text to search for.
            field: The field to search in; defaults to the one that is filled from a text, or to the only one.
            limit: The most documents to return, 1 to 1,000.
            threshold: The largest distance, or with `DOT_PRODUCT` the smallest.
            distance: The measure; defaults to the one in the schema.
            on_corrupt: How to handle a document that does not fit the model; defaults to the choice in `all`.

        Raises:
            ConfigurationError: The client has no embedder, or the embedder's vectors do not fit into the field.
            OperationError: The embedder failed.
            ValidationError: See `find_nearest`.
        """
        call = self._call("search")
        with call:
            field = searched_field(self._statement.reference.schema, field)
            [vector] = embed(self._options.embedder, [checked_text(text)], field.dimension)
            search = nearest_search(self._statement, field, vector, limit, threshold, distance)
            return self._nearest(search, call, on_corrupt)

    def required_index(self) -> Index | None:
        """Return the composite index that the query needs, or None if automatic indexes serve it.

        `firestore.indexes.json` holds those of declared queries; compare `Index.as_json()` with its entries. A query
        with alternatives (`|`) may need one for each; this returns the first.
        """
        unindexed = self._statement.reference.schema.unindexed
        return first_required_index(self._statement.request().structured_query, unindexed)

    def explain(self, *, analyze: bool = False) -> Explanation:
        """Return how the server would run the query.

        Args:
            analyze: Whether to run the query as well, which is billed, and to return its cost.

        Raises:
            OperationError: The store cannot explain queries, like the emulator.
        """
        request, call = self._statement.request(), self._call("explain")
        request.explain_options.analyze = analyze
        for response in self._backend.run_query(request, call):
            if response.HasField("explain_metrics"):
                return read_explanation(response.explain_metrics)
        raise OperationError("the store does not explain queries", operation=call.operation, collection=call.collection)

    def delete(self) -> int:
        """Delete all documents, and return how many there were. Collections below them stay.

        Raises:
            BulkWriteError: Some documents could not be deleted; its `report` says which.
        """
        call, request = self._call("delete"), self._statement.request()
        select_keys(request.structured_query)
        found = self._backend.run_query(request, call)
        return delete_found(self._backend, call, found)

    def __iter__(self) -> Iterator[ModelT]:
        """Read the documents one by one; see `stream`."""
        return self.stream()

    def _read(self, operation: str, on_corrupt: OnCorrupt | None) -> Generator[ModelT]:
        call, reference = self._call(operation), self._statement.reference
        on_corrupt = on_corrupt or self._statement.on_corrupt
        backwards: builtins.list[ModelT] = []
        for response in self._backend.run_query(self._statement.request(), call):
            if response.HasField("document"):
                model = read_or_report(reference, response.document, call, on_corrupt)
                if model is not None and self._statement.from_end:
                    backwards.append(model)
                elif model is not None:
                    yield model
        for model in reversed(backwards):
            yield model

    def _nearest(
        self, search: NearestSearch[ModelT], call: Call, on_corrupt: OnCorrupt | None
    ) -> builtins.list[Nearest[ModelT]]:
        found: dict[str, Nearest[ModelT]] = {}
        for response in self._backend.run_query(search.request(), call):
            if response.HasField("document"):
                found.pop(response.document.name, None)  # it comes again if the stream was cut
                nearest = search.read(response.document, call, on_corrupt)
                if nearest is not None:
                    found[response.document.name] = nearest
        return list(found.values())[-search.limit :]

    def _aggregate(self, operation: str, request: RunAggregationQueryRequest) -> Any:
        call, results = self._call(operation), []
        for response in self._backend.run_aggregation(request, call):
            if response.HasField("result"):
                results.append(read_number(response, self._statement))
        if not results:
            raise OperationError("the store sent no result", operation=operation, collection=call.collection)
        return results[0]

    def _bound(self, values: tuple[object, ...], *, before: bool) -> Bound:
        statement = self._statement
        return checked_bound(values, before=before, orders=statement.orders, context=statement.reference.context)

    def _call(self, operation: str) -> Call:
        return Call(operation, self._statement.reference.schema.name, None, self._options)

    def _with(self, **changes: Any) -> Self:  # fields of the statement, which `replace` checks by name
        return type(self)(self._backend, replace(self._statement, **changes), self._options)

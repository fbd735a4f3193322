# Derived from rollout/_async/copying.py by runtime/derive_sync.py. Do not edit; change that and run `make sync`.

"""Copying documents into the other shape, while programs may write in both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firestore_runtime._sync.untyped import UntypedCollection
from firestore_runtime.collections.reference import CollectionReference
from firestore_runtime.documents.reads import read_model
from firestore_runtime.documents.untyped import if_unchanged
from firestore_runtime.errors import AlreadyExistsError, ConflictError, NotFoundError
from firestore_runtime.options import Call
from firestore_runtime.rollout.copies import Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from firestore_runtime._sync.backend import Backend
    from firestore_runtime.documents.untyped import UntypedDocument
    from firestore_runtime.options import Options
    from firestore_runtime.rollout.copies import Route
    from firestore_runtime.rollout.reading import Read
    from firestore_runtime.wire import Write

_ATTEMPTS = 10
_CHANGED = (AlreadyExistsError, ConflictError, NotFoundError)


class Copier:
    """Makes copies of documents equal to these, or to what becomes of them meanwhile.

    A copy is read before its document, and written only if it is still as it was. So whoever writes both in between is
    noticed, and a copy never goes back to an earlier state; a document that has changed or gone after it was read is
    looked at again.

    Args:
        route: From where to where.
        source: The store of the documents.
        target: The store of the copies.
        options: What applies to the calls.
        always: Whether copies follow their documents whatever these are and whatever happens to them; otherwise one
            that has been changed since its document was is left as it is, none is deleted that was not made here, and
            documents of other shapes are left out.
        outdated: Says of which documents, by their ids, something else is to be copied the other way; without it, of
            none. It is asked after the copies have been read, so that nothing comes in between.
    """

    def __init__(
        self,
        route: Route,
        source: Backend,
        target: Backend,
        options: Options,
        *,
        always: bool,
        outdated: Read[Sequence[str], Collection[str]] | None = None,
    ) -> None:
        self._route = route
        self._source = UntypedCollection(source, route.source, options)
        self._target = UntypedCollection(target, route.target, options)
        self._reference = CollectionReference(route.layout.schema, target.database, None, {})
        self._call = Call("copy", route.target, None, options)
        self._always = always
        self._outdated = outdated

    def copy(self, document_ids: Sequence[str], made: Collection[str] = ()) -> dict[str, Outcome]:
        """Copy documents, and return what became of each, by its id.

        Args:
            document_ids: Their ids.
            made: The ids of those whose copies may have been made here, in an earlier call.

        Raises:
            StorageError: A store fails.
        """
        outcomes: dict[str, Outcome] = {}
        own: set[str] = set()
        waiting = list(document_ids)
        for _ in range(_ATTEMPTS):
            if not waiting:
                break
            waiting = self._attempt(waiting, own, made, outcomes)
        return outcomes | {each: Outcome("failed", reason="it is changed all the time") for each in waiting}

    def preview(self, document_ids: Sequence[str]) -> dict[str, Outcome]:
        """Return what would become of each document, by its id.

        Raises:
            StorageError: A store fails.
        """
        targets = self._target.get_many(document_ids)
        sources = self._source.get_many(document_ids)
        decisions = {each: self._decide(each, sources.get(each), targets.get(each)) for each in document_ids}
        return {each: _outcome(decision, targets.get(each)) for each, decision in decisions.items()}

    def _attempt(
        self, document_ids: Sequence[str], own: set[str], made: Collection[str], outcomes: dict[str, Outcome]
    ) -> list[str]:
        """Copy documents, and return the ids of those that have to be looked at again."""
        targets = self._target.get_many(document_ids)
        outdated = self._outdated(document_ids) if self._outdated else ()
        outcomes |= {each: Outcome("newer") for each in outdated}
        document_ids = [each for each in document_ids if each not in outdated]
        sources = self._source.get_many(document_ids)
        writes: dict[str, Write] = {}
        for each in document_ids:
            decision = self._decide(
                each, sources.get(each), targets.get(each), is_own=each in own, may_delete=each in made
            )
            if not isinstance(decision, Outcome):
                writes[each] = decision
            elif decision.fate != "equal" or each not in outcomes:
                outcomes[each] = decision
        errors = self._target.write_many(list(writes.values()))
        again, written = [], []
        for (each, write), error in zip(writes.items(), errors, strict=True):
            if isinstance(error, _CHANGED):
                again.append(each)
            elif error is not None:
                outcomes[each] = Outcome("failed", reason=error.message)
            else:
                outcomes[each] = _outcome(write, targets.get(each))
                own.add(each)
                written.append(each)
        later = self._source.get_many(written)
        return again + [each for each in written if _time(later.get(each)) != _time(sources.get(each))]

    def _decide(
        self,
        document_id: str,
        source: UntypedDocument | None,
        target: UntypedDocument | None,
        *,
        is_own: bool = False,
        may_delete: bool = False,
    ) -> Write | Outcome:
        """Return what is to be written, or what has become of a document without that."""
        if source is None or not (self._always or self._route.takes(source)):
            if target is None or not (self._always or is_own or may_delete):
                return Outcome("absent")
            return if_unchanged(self._target.delete_write(document_id), target)
        try:
            write = self._target.set_write(document_id, self._route.converted(source))
            if self._route.direction == "forward":
                read_model(self._reference, write.update, self._call)
        except (ValueError, TypeError) as error:
            return Outcome("failed", reason=str(error))
        differences = target.differences(write) if target else ()
        if target and not differences:
            return Outcome("equal")
        if target and target.update_time >= source.update_time and not (self._always or is_own):
            return Outcome("newer", tuple(sorted(differences)))
        return if_unchanged(write, target)


def _outcome(decision: Write | Outcome, target: UntypedDocument | None) -> Outcome:
    """Return what has become of a copy if a write was applied."""
    if isinstance(decision, Outcome):
        return decision
    if decision.delete:
        return Outcome("deleted")
    if target is None:
        return Outcome("created", tuple(sorted(decision.update.fields)))
    return Outcome("replaced", tuple(sorted(target.differences(decision))))


def _time(document: UntypedDocument | None) -> object:
    return None if document is None else document.update_time

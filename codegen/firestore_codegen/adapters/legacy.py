"""Three older memory managers, which share their base and so come together."""

from __future__ import annotations

from firestore_codegen.adapters.kinds import AdapterQuery, CollectionRole, FieldRole, Kind, KindGroup
from firestore_codegen.resources import template_dir

_ID, _TEXT, _TIME, _MAP = FieldRole("id"), FieldRole("string"), FieldRole("timestamp"), FieldRole("map")
_TEXT_OR_NULL, _TIME_OR_NULL = FieldRole("string", nullable=True), FieldRole("timestamp", nullable=True)

_RECORDS_BY_TIME = AdapterQuery(
    optional=("context", "persona"), inequalities=("timestamp",), orders=(("timestamp", "ASCENDING"),)
)
_RECORDS = CollectionRole(
    fields={
        "id": _ID,
        "context": _TEXT,
        "persona": _TEXT,
        "content": _TEXT,
        "timestamp": _TIME,
        "metadata": _MAP,
    },
    queries=(
        _RECORDS_BY_TIME,
        AdapterQuery(equal=("context",), optional=("persona",), inequalities=("embedding",)),
    ),
    current_queries=(_RECORDS_BY_TIME,),
)

_ITEM_FIELDS = {
    "id": _ID,
    "user": _TEXT,
    "session": _TEXT_OR_NULL,
    "time": _TIME,
    "type": _TEXT,
    "persona": _TEXT_OR_NULL,
    "text": _TEXT_OR_NULL,
    "embedding": FieldRole("vector", nullable=True),
    "metadata": _MAP,
    "expiration": _TIME_OR_NULL,
}
_AGENT_DATA = CollectionRole(
    fields={
        "id": _ID,
        "agent": _TEXT,
        "time": _TIME,
        "type": _TEXT,
        "content": FieldRole("any"),
        "metadata": _MAP,
        "expiration": _TIME_OR_NULL,
    }
)


def _item_queries(user: str, persona: str, time: str, others: tuple[str, ...]) -> tuple[AdapterQuery, ...]:
    """Histories and searches of a user, by what the fields are called."""
    return (
        AdapterQuery(equal=(user,), optional=(*others, persona), orders=((time, "DESCENDING"),)),
        AdapterQuery(equal=(user,), optional=(persona,), nearest="embedding", dimension_of="embedding"),
        AdapterQuery(equal=(user,), optional=(persona,), inequalities=("embedding",)),
    )


def _kind(name: str, **collections: CollectionRole) -> Kind:
    return Kind(name, collections, (f"{name}.py.jinja",), has_older_documents=True, rolls_out=True)


GROUP = KindGroup(
    name="legacy",
    templates=template_dir() / "adapters" / "legacy",
    files=(
        "_bindings.py.jinja",
        "_models.py.jinja",
        "legacy.py.jinja",
        "legacy_storage.py.jinja",
        "migration.py.jinja",
        "rollout.py.jinja",
    ),
    kinds=(
        _kind("legacy_sync", records=_RECORDS),
        _kind(
            "legacy_adapter",
            items=CollectionRole(
                _ITEM_FIELDS,
                queries=_item_queries("context", "persona", "timestamp", ("metadata.session_id",)),
                current_queries=_item_queries("user", "persona", "time", ("session",)),
            ),
            agent_data=_AGENT_DATA,
        ),
        _kind(
            "legacy_async",
            items=CollectionRole(
                _ITEM_FIELDS,
                queries=_item_queries("user_id", "persona_active", "timestamp", ("item_type", "session_id")),
                current_queries=_item_queries("user", "persona", "time", ("type", "session")),
            ),
            agent_data=_AGENT_DATA,
        ),
    ),
)

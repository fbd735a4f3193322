"""Python names for what a schema calls by other names: always valid, never in the way of something else."""

from __future__ import annotations

import keyword
import re
import unicodedata

BASE_MODEL_ATTRIBUTES = frozenset(
    """
    construct copy dict from_orm json model_computed_fields model_config model_construct model_copy model_dump
    model_dump_json model_extra model_fields model_fields_set model_json_schema model_parametrized_name model_post_init
    model_rebuild model_validate model_validate_json model_validate_strings parse_file parse_obj parse_raw schema
    schema_json update_forward_refs validate
    """.split()
)
# Inside a class body a field hides a type (or a default factory) of the same name from the fields after it.
TYPE_NAMES = frozenset("bool bytes date datetime dict float int list now object set str time timedelta tuple".split())
# `document_id` is the attribute of every Fields class that stands for the id itself, `changes` an argument of `update`.
PARAMETER_NAMES = frozenset({"changes", "cls", "document_id", "self"})
RESERVED_FIELD_NAMES = BASE_MODEL_ATTRIBUTES | TYPE_NAMES | PARAMETER_NAMES
# What the field of a nested model offers itself, beside the fields of the model.
FIELD_ATTRIBUTES = frozenset("delete encode in_ is_null not_in path set".split())
# What a generated method calls, so that none of its arguments may hide it.
TAKEN_PARAMETERS = frozenset("UTC cls date datetime self time timedelta timezone".split())
# pydantic warns about any field whose name starts like these.
PROTECTED_PREFIXES = ("model_dump", "model_validate")
# What is imported or defined in generated modules that name classes of the schema, and the errors.
RESERVED_CLASS_NAMES = frozenset(
    """
    Annotated Any AnyEmbedder AnyField ArrayField AsyncBackend AsyncBulkWriter AsyncCollection
    AsyncFirestoreBackend AsyncQuery AsyncTransactionFunction Backend BaseModel BulkWriter Call Callable Change
    Collection CollectionSchema ConfigDict Context Credentials Decimal Decoders DocumentIdField DocumentPath
    Embedder Enum False Field FieldPath Fields Final FirestoreBackend Generic GeoPoint Health IdField IntEnum
    Literal MapField Mapping None NumberField Options OrderedField Query Retry Self Sequence
    AsyncCollectionsByPath CollectionsByPath PackageSchema
    ServerTimestamp Statement StrEnum TextSource TimestampField TransactionFunction True TYPE_CHECKING
    TypeAliasType TypedDict UTC TypeVar Union Unpack UtcDatetime UUID Vector VectorField VectorSchema WriteOutcome
    WriteProgress Written
    OnError AlreadyExistsError BulkWriteError ConfigurationError ConflictError CorruptDocumentError
    MissingIndexError NotFoundError OperationError QuotaExceededError StorageConnectionError StorageError
    StoragePermissionError StorageTimeoutError ValidationError
    """.split()
)

_ASCII_WORD = re.compile(r"[A-Za-z0-9]+")
_WORD_ENDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _words(text: str) -> list[str]:
    """Split at everything that no identifier may contain."""
    if text.isascii():
        return _ASCII_WORD.findall(text)
    # Python itself reads identifiers in this normal form, so two spellings of one name must meet here.
    normal = unicodedata.normalize("NFKC", text)
    spaced = "".join(char if f"a{char}".isidentifier() else " " for char in normal)
    return spaced.replace("_", " ").split()


def field_name(key: str) -> str:
    """Return the attribute name for a property: `pen-names` gives `pen_names`, `class` gives `class_`."""
    name = "_".join(_WORD_ENDS.sub("_", word) for word in _words(key)).lower()
    if not name:
        return "field"
    if not name.isidentifier() or name.startswith(PROTECTED_PREFIXES):
        return f"field_{name}"
    if keyword.iskeyword(name) or name in RESERVED_FIELD_NAMES:
        return f"{name}_"
    return name


def nested_name(name: str) -> str:
    """Return the attribute for a field inside of a typed field: `path` gives `path_`."""
    return f"{name}_" if name in FIELD_ATTRIBUTES else name


def class_name(text: str) -> str:
    """Return a class name: `memory item` -> `MemoryItem`, `HTTPLog` -> `HTTPLog`, `3d` -> `Model3d`."""
    name = "".join(word[0].upper() + word[1:] for word in _words(text))
    if not name.isidentifier() or keyword.iskeyword(name):
        return f"Model{name}"
    return name


def member_name(value: str | int) -> str:
    """Return the name of an enumeration's member: `red-ish` gives `RED_ISH`, `-1` gives `VALUE_MINUS_1`."""
    if isinstance(value, int):
        return f"VALUE_MINUS_{-value}" if value < 0 else f"VALUE_{value}"
    name = "_".join(_WORD_ENDS.sub("_", word) for word in _words(value)).upper()
    if not name:
        return "EMPTY" if not value else "VALUE"
    return name if name.isidentifier() else f"VALUE_{name}"


def is_public_identifier(text: str) -> bool:
    """Return whether the text can be a public attribute or argument as it stands."""
    return text.isidentifier() and not keyword.iskeyword(text) and not text.startswith("_")

"""The messages of google.firestore.v1 as raw protobuf classes.

Google's package offers them wrapped by proto-plus, whose attribute access costs more than the whole encoding of a
document; `.pb()` gives the class underneath. Google ships no types for it: `wire.pyi` does.

A message is looked up when it is first used, since Google's package takes as long to load as all the rest together.
"""

_NESTED = {
    "CollectionSelector": ("StructuredQuery", "CollectionSelector"),
    "FieldTransform": ("DocumentTransform", "FieldTransform"),
    "Filter": ("StructuredQuery", "Filter"),
    "FieldFilter": ("StructuredQuery", "FieldFilter"),
    "CompositeFilter": ("StructuredQuery", "CompositeFilter"),
    "UnaryFilter": ("StructuredQuery", "UnaryFilter"),
    "Order": ("StructuredQuery", "Order"),
    "ReadOnly": ("TransactionOptions", "ReadOnly"),
    "ReadWrite": ("TransactionOptions", "ReadWrite"),
    "Projection": ("StructuredQuery", "Projection"),
    "FindNearest": ("StructuredQuery", "FindNearest"),
}
"""Messages that are declared inside of others."""


def __getattr__(name):
    """Look a message up, once."""
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "RollbackResponse":
        from google.protobuf import empty_pb2

        message = empty_pb2.Empty
    else:
        from google.cloud.firestore_v1 import types

        owner, *nested = _NESTED.get(name, (name,))
        message = getattr(types, owner)
        for part in nested:
            message = getattr(message, part)
        message = message.pb()
    globals()[name] = message
    return message

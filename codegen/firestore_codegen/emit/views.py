"""The representation as the templates want it: the same facts with their Python source worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firestore_codegen import ir
from firestore_codegen.emit.expressions import annotation, codec_name, decoder, encoder, field_annotation, field_object
from firestore_codegen.emit.query_views import QueryView, query_view
from firestore_codegen.names import field_name, nested_name


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of a model."""

    name: str
    key: str
    description: str
    annotation: str
    is_optional: bool
    encoder: str
    decoder: str
    root_object: str
    nested_name: str
    nested_annotation: str
    nested_object: str
    is_patchable: bool


@dataclass(frozen=True, slots=True)
class ModelView:
    """A model. `is_stored` says whether it is some collection's, `is_nested` whether one can name fields inside it."""

    name: str
    constant: str
    fields_class: str
    patch_class: str
    encode_function: str
    decode_function: str
    description: str
    fields: tuple[FieldView, ...]
    is_stored: bool
    is_nested: bool


@dataclass(frozen=True, slots=True)
class CollectionView:
    """A collection."""

    name: str
    class_name: str
    entry_class: str
    constant: str
    docstring: str
    path: str
    segments: tuple[str, ...]
    parameters: tuple[str, ...]
    model: str
    encode_function: str
    decode_function: str
    id_field: str
    generate_id: bool
    server_timestamps: tuple[ir.Field, ...]
    omit_nulls: bool
    vectors: tuple[str, ...]
    unindexed: tuple[str, ...]
    queries: tuple[QueryView, ...]


def model_views(package: ir.Package) -> tuple[ModelView, ...]:
    """The models, in the order of the schema."""
    nested = _models_on_paths(package)
    ids: dict[str, list[ir.DocumentId]] = {model.name: [] for model in package.models}
    for collection in package.collections:
        ids[collection.model.name].append(collection.document_id)
    return tuple(_model_view(model, ids[model.name], model.name in nested) for model in package.models)


def collection_views(package: ir.Package) -> tuple[CollectionView, ...]:
    """The collections, in the order of the configuration."""
    enums = {enum.name: enum for enum in package.enums}
    return tuple(_collection_view(collection, enums) for collection in package.collections)


def _models_on_paths(package: ir.Package) -> set[str]:
    """The models that the path to a field can pass through, from a stored model inwards: no list is on such a path."""
    models = {model.name: model for model in package.models}
    waiting = [collection.model for collection in package.collections]
    found: set[str] = set()
    while waiting:
        for field in waiting.pop().fields:
            name = _model_on_path(field.type)
            if name and name not in found:
                found.add(name)
                waiting.append(models[name])
    return found


def _model_on_path(type_: ir.TypeRef) -> str:
    match type_:
        case ir.ModelRef(name):
            return name
        case ir.Nullable(inner) | ir.Map(inner):
            return _model_on_path(inner)
        case _:
            return ""


def _model_view(model: ir.Model, ids_of: list[ir.DocumentId], is_nested: bool) -> ModelView:
    """Return a model, given the document ids of the collections that it is stored in."""
    ids = {id_.field.name: id_.stored for id_ in ids_of if id_.field}
    return ModelView(
        name=model.name,
        constant=field_name(model.name).upper(),
        fields_class=f"{model.name}Fields",
        patch_class=f"{model.name}Patch",
        encode_function=f"encode_{codec_name(model.name)}",
        decode_function=f"decode_{codec_name(model.name)}",
        description=model.description,
        fields=tuple(_field_view(field, model.name, ids) for field in model.fields),
        is_stored=bool(ids_of),
        is_nested=is_nested,
    )


def _field_view(field: ir.Field, model: str, ids: dict[str, bool]) -> FieldView:
    inner = field.type.type if isinstance(field.type, ir.Nullable) else field.type
    is_optional = field.is_none_if_absent and field.type != ir.Scalar(ir.ScalarKind.NULL)
    is_id_only = ids.get(field.name) is False
    root_path, nested_path = f"({field.key!r},)", f"(*self.path, {field.key!r})"
    return FieldView(
        name=field.name,
        key=field.key,
        description=field.description,
        annotation=annotation(field.type),
        is_optional=is_optional,
        encoder=encoder(inner if is_optional else field.type),
        decoder=decoder(field.type),
        root_object=f"DocumentIdField[{model}]()" if is_id_only else field_object(field.type, model, root_path),
        nested_name=nested_name(field.name),
        nested_annotation=field_annotation(field.type, "ModelT"),
        nested_object=field_object(field.type, "ModelT", nested_path),
        is_patchable=field.name not in ids and field.server_timestamp is None,
    )


def _collection_view(collection: ir.Collection, enums: Mapping[str, ir.Enum]) -> CollectionView:
    id_ = collection.document_id
    id_field = f"IdField({id_.field.name!r}, {id_.field.key!r}, stored={id_.stored})" if id_.field else "None"
    return CollectionView(
        name=collection.name,
        class_name=collection.class_name,
        entry_class=f"{collection.class_name}ByPath" if collection.parameters else collection.class_name,
        constant=collection.name.upper(),
        encode_function=f"encode_{codec_name(collection.model.name)}",
        decode_function=f"decode_{codec_name(collection.model.name)}",
        docstring=collection.description or collection.model.description or f"Documents of `{collection.model.name}`.",
        path="/".join(collection.path),
        segments=collection.path,
        parameters=collection.parameters,
        model=collection.model.name,
        id_field=id_field,
        generate_id=id_.generate,
        server_timestamps=tuple(field for field in collection.model.fields if field.server_timestamp),
        omit_nulls=collection.omit_nulls,
        vectors=tuple(_vector_spec(vector) for vector in collection.vectors),
        unindexed=tuple(path.text for path in collection.unindexed),
        queries=tuple(query_view(query, collection.model.name, enums) for query in collection.queries),
    )


def _vector_spec(vector: ir.VectorField) -> str:
    source = f"TextSource({vector.source.name!r}, {vector.source.key!r})" if vector.source else "None"
    field = vector.field
    return f"VectorSchema({field.name!r}, {field.key!r}, {vector.dimension}, {vector.distance!r}, source={source})"

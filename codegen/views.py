"""The representation as the templates want it: the same facts with their Python source worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from codegen import ir
from codegen.expressions import annotation, codec_name, decoder, encoder, field_annotation, field_object
from codegen.names import field_name
from codegen.values import python_value

_FIELD_ATTRIBUTES = {"path", "encode", "set", "delete"}
"""What every field object has, so that the field of a nested model cannot be called that."""


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of a model."""

    name: str
    key: str
    description: str
    annotation: str
    nullable: bool
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
class ParameterView:
    """An argument of a declared query."""

    name: str
    annotation: str
    optional: bool


@dataclass(frozen=True, slots=True)
class ConditionView:
    """A filter of a declared query; `parameter` is empty for one that is always there."""

    expression: str
    parameter: str


@dataclass(frozen=True, slots=True)
class QueryView:
    """A declared query: it begins with the filters that are always there, and ends with the order and the limit."""

    name: str
    docstring: str
    parameters: tuple[ParameterView, ...]
    variable: str
    beginning: str
    optional: tuple[ConditionView, ...]
    ending: str


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
    queries: tuple[QueryView, ...]


def model_views(package: ir.Package) -> tuple[ModelView, ...]:
    """The models, in the order of the schema."""
    nested = _models_on_paths(package)
    return tuple(_model_view(package, model, model.name in nested) for model in package.models)


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


def _model_view(package: ir.Package, model: ir.Model, is_nested: bool) -> ModelView:
    collections = [collection for collection in package.collections if collection.model.name == model.name]
    ids = {id_.field.name: id_.stored for c in collections if (id_ := c.document_id).field}
    return ModelView(
        name=model.name,
        constant=field_name(model.name).upper(),
        fields_class=f"{model.name}Fields",
        patch_class=f"{model.name}Patch",
        encode_function=f"encode_{codec_name(model.name)}",
        decode_function=f"decode_{codec_name(model.name)}",
        description=model.description,
        fields=tuple(_field_view(field, model.name, ids) for field in model.fields),
        is_stored=bool(collections),
        is_nested=is_nested,
    )


def _field_view(field: ir.Field, model: str, ids: dict[str, bool]) -> FieldView:
    inner = field.type.type if isinstance(field.type, ir.Nullable) else field.type
    is_id_only = ids.get(field.name) is False
    root_path, nested_path = f"({field.key!r},)", f"(*self.path, {field.key!r})"
    return FieldView(
        name=field.name,
        key=field.key,
        description=field.description,
        annotation=annotation(field.type),
        nullable=isinstance(field.type, ir.Nullable) or (field.type == ir.AnyValue() and not field.required),
        encoder=encoder(inner),
        decoder=decoder(field.type),
        root_object=f"DocumentIdField[{model}]()" if is_id_only else field_object(field.type, model, root_path),
        nested_name=f"{field.name}_" if field.name in _FIELD_ATTRIBUTES else field.name,
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
        queries=tuple(_query_view(query, collection.model.name, enums) for query in collection.queries),
    )


def _query_view(query: ir.Query, model: str, enums: Mapping[str, ir.Enum]) -> QueryView:
    operands = {c.operand.name: c for c in query.where if isinstance(c.operand, ir.Parameter)}
    conditions = [_condition_view(condition, model, enums) for condition in query.where]
    fixed = ", ".join(condition.expression for condition in conditions if not condition.parameter)
    orders = ", ".join(f"{_field_path(order.path, model)}.{order.direction}()" for order in query.order_by)
    return QueryView(
        name=query.name,
        docstring=_query_docstring(query, operands),
        parameters=tuple(_parameter_view(c.operand) for c in operands.values() if isinstance(c.operand, ir.Parameter)),
        variable="_query" if "query" in operands else "query",  # no parameter has a name with an underscore in front
        beginning=f"self.where({fixed})" if fixed else "self.all()",
        optional=tuple(condition for condition in conditions if condition.parameter),
        ending=(f".order_by({orders})" if orders else "") + (f".limit({query.limit})" if query.limit else ""),
    )


def _query_docstring(query: ir.Query, operands: dict[str, ir.Condition]) -> str:
    described = [f"    {name}: {_parameter_text(condition)}" for name, condition in operands.items()]
    summary = query.description or f"The declared query `{query.name}`."
    return "\n".join([summary, "", "Args:", *described]) if described else summary


def _parameter_text(condition: ir.Condition) -> str:
    field = condition.path.fields[-1]
    text = field.description.splitlines()[0] if field.description else f"Compared with `{field.key}`."
    comparison = "" if condition.op == "==" else f"`{field.key} {condition.op}` this. "
    optional = isinstance(condition.operand, ir.Parameter) and condition.operand.optional
    return f"{comparison}{text}{' Without it, any.' if optional else ''}"


def _parameter_view(parameter: ir.Parameter) -> ParameterView:
    inner = parameter.type.type if isinstance(parameter.type, ir.Nullable) else parameter.type
    text = annotation(inner)
    return ParameterView(parameter.name, f"{text} | None" if parameter.optional else text, parameter.optional)


def _condition_view(condition: ir.Condition, model: str, enums: Mapping[str, ir.Enum]) -> ConditionView:
    left = _field_path(condition.path, model)
    match condition.operand:
        case ir.Parameter(name, _, optional):
            return ConditionView(f"{left} {condition.op} {name}", name if optional else "")
        case ir.FixedValue(value, type_):
            return ConditionView(f"{left} {condition.op} {python_value(value, type_, enums)}", "")


def _field_path(path: ir.FieldPath, model: str) -> str:
    return f"{model}Fields." + ".".join(field.name for field in path.fields)

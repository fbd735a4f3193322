"""Declared queries as the templates want them: their methods with parameters, docstring and body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firestore_codegen import ir
from firestore_codegen.emit.expressions import annotation
from firestore_codegen.names import nested_name
from firestore_codegen.values import python_value
from firestore_runtime.wire.operators import FIELD_OPERATORS, Symbol


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


def query_view(query: ir.Query, model: str, enums: Mapping[str, ir.Enum]) -> QueryView:
    """Return a query of a collection of a model."""
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
    described = [f"    {name}: {_parameter_text(name, condition)}" for name, condition in operands.items()]
    summary = query.description or f"The declared query `{query.name}`."
    return "\n".join([summary, "", "Args:", *described]) if described else summary


def _parameter_text(name: str, condition: ir.Condition) -> str:
    step, path = condition.path.steps[-1], condition.path
    comparison = "" if condition.op == "==" else f"Matches `{path} {condition.op} {name}`."
    description = step.description.partition("\n")[0] if isinstance(step, ir.Field) else ""
    what = " ".join(part for part in (comparison, description) if part) or f"Matches `{path}`."
    optional = isinstance(condition.operand, ir.Parameter) and condition.operand.optional
    return f"{what}{' Any, if omitted.' if optional else ''}"


def _parameter_view(parameter: ir.Parameter) -> ParameterView:
    element = annotation(ir.without_null(parameter.type))
    text = f"Sequence[{element}]" if parameter.many else element
    return ParameterView(parameter.name, f"{text} | None" if parameter.optional else text, parameter.optional)


def _condition_view(condition: ir.Condition, model: str, enums: Mapping[str, ir.Enum]) -> ConditionView:
    left = _field_path(condition.path, model)
    match condition.operand:
        case ir.Parameter(name, _, optional):
            return ConditionView(_comparison(left, condition.op, name), name if optional else "")
        case ir.FixedValue(tuple(values), type_):
            text = ", ".join(python_value(value, type_, enums) for value in values)
            return ConditionView(_comparison(left, condition.op, f"[{text}]"), "")
        case ir.FixedValue(value, type_):
            return ConditionView(_comparison(left, condition.op, python_value(value, type_, enums)), "")


def _comparison(left: str, op: Symbol, right: str) -> str:
    method = FIELD_OPERATORS[op].method
    return f"{left}.{method}({right})" if method else f"{left} {op} {right}"


def _field_path(path: ir.FieldPath, model: str) -> str:
    return f"{model}Fields.{path.root.name}" + "".join(_step(step) for step in path.inner)


def _step(step: ir.Field | ir.MapKey) -> str:
    return f".{nested_name(step.name)}" if isinstance(step, ir.Field) else f"[{step.key!r}]"

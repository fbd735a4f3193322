"""Have models.py written: datamodel-code-generator, as a library, through its own options and one template of ours."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datamodel_code_generator import generate
from datamodel_code_generator.enums import DataModelType, InputFileType, TargetPydanticVersion
from datamodel_code_generator.format import PythonVersion

from firestore_codegen.emit.templates import template_file
from firestore_codegen.emit.text import docstring
from firestore_codegen.errors import Place, Problems
from firestore_codegen.ir import Model
from firestore_codegen.read.sources import CONFIG_FILE, JsonObject
from firestore_codegen.schema.normalize import NormalizedSchema
from firestore_codegen.schema.scalars import VALUE_TYPES, datetime_module

_OPTIONS: dict[str, Any] = {
    "input_file_type": InputFileType.JsonSchema,
    "output_model_type": DataModelType.PydanticV2BaseModel,
    "target_python_version": PythonVersion.PY_311,
    "target_pydantic_version": TargetPydanticVersion.V2_11,
    "disable_timestamp": True,
    "field_constraints": True,
    "formatters": [],
    "skip_root_model": True,
    "strict_nullable": True,
    "use_annotated": True,
    "use_one_literal_as_default": True,
    "use_schema_description": True,
    "use_single_line_docstring": True,
    "use_standard_collections": True,
    "use_type_alias": True,
    "use_union_operator": True,
    # The runtime's own types: a reference to one of these definitions is an import.
    "type_overrides": {name: f"values.{name}" for name in VALUE_TYPES},
}


def render_models(schema: NormalizedSchema, own: Path | None = None) -> str:
    """Return the source of models.py, not yet formatted and without a banner.

    Args:
        schema: The models.
        own: A directory of templates that are used instead of ours of the same names.

    Raises:
        Problems: datamodel-code-generator cannot take the schema.
    """
    document: JsonObject = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {name: {"type": "string"} for name in VALUE_TYPES} | dict(schema.definitions),
    }
    try:
        with warnings.catch_warnings(action="ignore"):
            source = generate(document, **_OPTIONS, **_settings(schema, own))
    except Exception as error:
        # Whatever it fails with, the cause is a schema that passed all checks of ours: still the user's to see.
        problem = Place(CONFIG_FILE).problem(f"datamodel-code-generator cannot make the models: {error}")
        raise Problems([problem]) from error
    return str(source)


def _settings(schema: NormalizedSchema, own: Path | None) -> dict[str, Any]:
    """Return the options that differ from schema to schema."""
    template_data = {model.name: _template_data(model, schema.defaults.get(model.name, {})) for model in schema.models}
    for qualified in schema.names:
        name = qualified.partition(".")[0]
        template_data[name]["allow_population_by_field_name"] = True
    return {
        "import_overrides": {
            **dict.fromkeys((*VALUE_TYPES, "now"), "firestore_runtime.values"),
            "UtcDatetime": datetime_module(schema.config.get("naive_datetimes", "error")),
        },
        "additional_imports": sorted({path for text in _expressions(schema) for path in _imports(text)}),
        "aliases": dict(schema.names),
        "custom_template_dir": template_file(own, "_datamodel"),
        "extra_template_data": template_data,
        "custom_file_header": '"""The documents of the package, as pydantic models."""',
    }


def _template_data(model: Model, defaults: Mapping[str, str]) -> dict[str, Any]:
    """Return what our template needs beside what datamodel-code-generator knows."""
    return {
        "docstring": docstring(model.description) if model.description else "",
        "docstrings": {field.name: docstring(field.description) for field in model.fields if field.description},
        "defaults": dict(defaults),
    }


def _expressions(schema: NormalizedSchema) -> list[str]:
    return [text for defaults in schema.defaults.values() for text in defaults.values()]


def _imports(expression: str) -> list[str]:
    """Return what the expression of a default names, as paths that can be imported."""
    paths = {
        "Field(": "pydantic.Field",
        "=now": "values.now",
        "datetime(": "datetime.datetime",
        "timedelta(": "datetime.timedelta",
        "timezone(": "datetime.timezone",
        "=UTC": "datetime.UTC",
    }
    return [path for mark, path in paths.items() if mark in expression]

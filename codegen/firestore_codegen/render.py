"""Templates to text: every output of the plan, rendered by Jinja or, where nothing varies, copied."""

from __future__ import annotations

import json
from collections.abc import Sequence

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, Undefined

from firestore_codegen.adapters.templates import adapter_templates
from firestore_codegen.compiled import compiled_templates
from firestore_codegen.plan import Output
from firestore_codegen.resources import template_dir
from firestore_codegen.text import docstring, hcl


def render(outputs: Sequence[Output]) -> dict[str, str]:
    """Render each output; the result maps its path in the package to its text.

    Raises:
        jinja2.TemplateError: A template is malformed, or names something that its context does not hold.
        ValueError: Two outputs have one path.
    """
    environment = _environment()
    files: dict[str, str] = {}
    for output in outputs:
        if output.path in files:
            raise ValueError(f"the plan makes {output.path} twice")
        files[output.path] = _render_one(environment, output)
    return files


def _render_one(environment: Environment, output: Output) -> str:
    if output.is_copied:
        return (template_dir() / output.template).read_text(encoding="utf-8")
    return environment.get_template(output.template).render(output.context)


def _environment() -> Environment:
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(template_dir()), adapter_templates()]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Python source, not HTML
        bytecode_cache=compiled_templates(),
    )
    environment.filters.update(docstring=docstring, hcl=hcl, json=_json, repr=_repr)
    return environment


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _repr(value: object) -> str:
    """`repr`, except that it does not quietly print an undefined name: StrictUndefined's own `repr` does not fail."""
    return repr(str(value) if isinstance(value, Undefined) else value)

"""Templates to text: every output of the plan, rendered by Jinja or, where nothing varies, copied."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, Undefined

from firestore_codegen.adapters.templates import adapter_templates
from firestore_codegen.emit.compiled import compiled_templates
from firestore_codegen.emit.plan import Output
from firestore_codegen.emit.templates import template_dirs, template_file
from firestore_codegen.emit.text import docstring, hcl


def render(outputs: Sequence[Output], own: Path | None = None) -> dict[str, str]:
    """Render each output; the result maps its path in the package to its text.

    Args:
        outputs: What to render.
        own: A directory of templates that are used instead of ours of the same names.

    Raises:
        jinja2.TemplateError: A template is malformed, or names something that its context does not hold.
        ValueError: Two outputs have one path.
    """
    environment = _environment(own)
    files: dict[str, str] = {}
    for output in outputs:
        if output.path in files:
            raise ValueError(f"the plan makes {output.path} twice")
        if output.is_copied:
            files[output.path] = template_file(own, output.template).read_text(encoding="utf-8")
        else:
            files[output.path] = environment.get_template(output.template).render(output.context)
    return files


def _environment(own: Path | None) -> Environment:
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(template_dirs(own)), adapter_templates()]),
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

"""Where the templates of adapters are: in the directories that their groups name."""

from __future__ import annotations

from jinja2 import BaseLoader, FileSystemLoader, PrefixLoader

from firestore_codegen.adapters.kinds import kind_groups


def adapter_templates() -> BaseLoader:
    """Return what loads the templates of a group as `adapters/<group>/<template>`."""
    groups = {group.name: FileSystemLoader(group.templates) for group in kind_groups()}
    return PrefixLoader({"adapters": PrefixLoader(groups)})

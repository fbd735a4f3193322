"""URLs of stores."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote

from firestore_runtime.errors import ConfigurationError

_FIRESTORE = re.compile(r"firestore://(?P<project>[\w.:-]+)(?:/(?P<database>[\w()-]+))?/?", re.ASCII)
_EMBEDDED = re.compile(r"(?:memory:|sqlite:///(?P<path>[^?#]+))(?:\?(?P<parameters>[^?#]*))?", re.ASCII)
_BOOLEANS = {"true": True, "false": False}
_FORMS = (
    "firestore://PROJECT or firestore://PROJECT/DATABASE, such as firestore://my-project/(default); "
    "sqlite:///FILE, such as sqlite:///memory.db, or sqlite:////FILE with an absolute path; or memory:"
)


@dataclass(frozen=True, slots=True)
class FirestoreUrl:
    """A database of Google Cloud Firestore."""

    project: str
    database: str


@dataclass(frozen=True, slots=True)
class EmbeddedUrl:
    """A store in a file; without a path, a private one that is deleted at the end."""

    path: Path | None
    strict_indexes: bool


Url: TypeAlias = FirestoreUrl | EmbeddedUrl


def parse_url(url: str | None, variable: str) -> Url:
    """Parse the URL of a store.

    Args:
        url: The URL, or None if there is none.
        variable: The environment variable that could provide one.

    Raises:
        ConfigurationError: There is no URL, or it has an unknown form.
    """
    if not url:
        raise ConfigurationError(f"no store is named: pass a URL, or set {variable}, to {_FORMS}")
    if match := _FIRESTORE.fullmatch(url):
        return FirestoreUrl(match["project"], match["database"] or "(default)")
    if match := _EMBEDDED.fullmatch(url):
        path = match["path"] and Path(unquote(match["path"]))
        return EmbeddedUrl(path or None, _strict_indexes(url, match["parameters"] or ""))
    raise ConfigurationError(f"{url!r} is not the URL of a store: use {_FORMS}")


def _strict_indexes(url: str, parameters: str) -> bool:
    """Return the only parameter of an embedded store: whether queries need the indexes that Firestore needs."""
    given = dict(parse_qsl(parameters, keep_blank_values=True))
    strict = _BOOLEANS.get(given.pop("strict_indexes", "true"))
    if strict is None or given:
        raise ConfigurationError(f"{url!r}: the only parameter is strict_indexes=true or strict_indexes=false")
    return strict

"""URLs of stores."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import ConfigurationError

_FIRESTORE = re.compile(r"firestore://(?P<project>[\w.:-]+)(?:/(?P<database>[\w()-]+))?/?", re.ASCII)
_FORMS = "firestore://PROJECT or firestore://PROJECT/DATABASE, such as firestore://my-project/(default)"


@dataclass(frozen=True, slots=True)
class FirestoreUrl:
    """A database of Google Cloud Firestore."""

    project: str
    database: str


def parse_url(url: str | None, variable: str) -> FirestoreUrl:
    """Read the URL of a store.

    Args:
        url: The URL, or None if nobody has given one.
        variable: The environment variable that could give one.

    Raises:
        ConfigurationError: There is no URL, or it has another form.
    """
    if not url:
        raise ConfigurationError(f"no store is named: pass a URL, or set {variable}, to {_FORMS}")
    match = _FIRESTORE.fullmatch(url)
    if match is None:
        raise ConfigurationError(f"{url!r} is not the URL of a store: use {_FORMS}")
    return FirestoreUrl(match["project"], match["database"] or "(default)")

"""The database to connect to, and the credentials for it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firestore_runtime.grpc.transport import load_credentials, routing_header

if TYPE_CHECKING:
    from pathlib import Path

    from google.auth.credentials import Credentials

    from firestore_runtime.grpc.transport import Metadata


@dataclass(frozen=True, slots=True)
class Target:
    """A database and the way to it.

    Attributes:
        database: `projects/P/databases/D`.
        emulator_host: `host:port` of an emulator, or None for Google Cloud.
        credentials: Whom to be there; an emulator needs none.
    """

    database: str
    emulator_host: str | None
    credentials: Credentials | None

    def metadata(self, parameter: str, value: str) -> Metadata:
        """The headers of a call: how to route it, which database it is for, and the emulator's credentials.

        Args:
            parameter: The field of the request that Google's front end routes by (google/firestore/v1/firestore.proto).
            value: Its value.
        """
        headers = [routing_header(parameter, value), ("google-cloud-resource-prefix", self.database)]
        if self.emulator_host:
            headers.append(("authorization", "Bearer owner"))
        return headers


def find_target(project: str, database: str, credentials: Credentials | None, credentials_file: Path | None) -> Target:
    """Decide where a database is and whom to be there: the emulator if `FIRESTORE_EMULATOR_HOST` names one.

    Raises:
        ConfigurationError: There are no usable credentials.
    """
    name = f"projects/{project}/databases/{database}"
    if emulator_host := os.environ.get("FIRESTORE_EMULATOR_HOST"):
        return Target(name, emulator_host, None)
    return Target(name, None, credentials or load_credentials(credentials_file))

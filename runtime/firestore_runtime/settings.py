"""Settings of clients: a generated package derives a class of its own, with the prefix of its variables."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import pydantic
from pydantic import PositiveFloat
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from firestore_runtime.errors import ConfigurationError
from firestore_runtime.options import Options, Retry


class ClientSettings(BaseSettings):
    """The store that a client connects to, its credentials and its time limits."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid")

    url: str | None = None
    """The store, such as `firestore://my-project/(default)`."""
    namespace: str | None = None
    """The namespace of all collections."""
    credentials_file: Path | None = None
    """A file of Google Cloud credentials, instead of the application-default ones."""
    timeout: PositiveFloat = 60.0
    """Total seconds for a call, retries included; for a stream, for each wait for a result."""
    attempt_timeout: PositiveFloat = 10.0
    """Seconds for one attempt at a call, or for the next result of a stream."""
    retry: bool = True
    """Whether transient failures are retried."""

    @classmethod
    def load(cls) -> Self:
        """Read the settings from the environment.

        Raises:
            ConfigurationError: A variable has an invalid value.
        """
        try:
            return cls()
        except pydantic.ValidationError as error:
            problems = "; ".join(f"{cls._variable(detail['loc'][0])}: {detail['msg']}" for detail in error.errors())
            raise ConfigurationError(f"the environment holds settings that do not fit: {problems}") from error
        except SettingsError as error:
            raise ConfigurationError(
                f"the environment holds a setting that is not the JSON it should be: {error}"
            ) from error

    @classmethod
    def url_variable(cls) -> str:
        """The environment variable that holds the URL."""
        return cls._variable("url")

    @classmethod
    def _variable(cls, name: object) -> str:
        return f"{cls.model_config.get('env_prefix', '')}{str(name).upper()}"

    def options(self) -> Options:
        """Return the options of a client with these settings."""
        retry = Retry() if self.retry else None
        return Options(timeout=self.timeout, attempt_timeout=self.attempt_timeout, retry=retry)

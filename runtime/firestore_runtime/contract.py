"""The handshake between generated packages and this library: a number that both sides know.

It goes up when packages generated earlier would stop working, and never because of an addition. It is neither the
library's version nor the generator's.
"""

from __future__ import annotations

OLDEST_CONTRACT = 1
"""The oldest contract whose packages this library runs."""
CONTRACT = 1
"""The contract that this version's generator generates for."""


def check_contract(package: str, contract: int) -> None:
    """Refuse a generated package that this library cannot run.

    Args:
        package: The import name of the package.
        contract: The contract that it was generated for.

    Raises:
        ConfigurationError: The library is too old for the package, or no longer supports its contract.
    """
    if OLDEST_CONTRACT <= contract <= CONTRACT:
        return
    from firestore_runtime.errors import ConfigurationError  # loads pydantic, for which importing a package never waits

    remedy = "run `firestore-codegen generate`" if contract < CONTRACT else "run `pip install -U firestore-memory`"
    supported = str(CONTRACT) if OLDEST_CONTRACT == CONTRACT else f"{OLDEST_CONTRACT} to {CONTRACT}"
    raise ConfigurationError(
        f"`{package}` was generated for contract {contract} of firestore_runtime, and the installed one supports "
        f"{supported}: {remedy}"
    )

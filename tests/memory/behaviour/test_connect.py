"""Where a client finds its store, its settings and its credentials."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials

from firestore_memory import ConfigurationError, MemorySettings, ValidationError
from tests.emulator import VARIABLE
from tests.helpers.flavours import Driver
from tests.helpers.items import an_item
from tests.helpers.stores import only_firestore, sends_nothing

URL = "FIRESTORE_MEMORY_URL"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the settings of whoever runs the tests."""
    for name in ("URL", "NAMESPACE", "CREDENTIALS_FILE", "TIMEOUT", "ATTEMPT_TIMEOUT", "RETRY"):
        monkeypatch.delenv(f"FIRESTORE_MEMORY_{name}", raising=False)


@pytest.fixture
def no_emulator(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the emulator, so that credentials are needed."""
    monkeypatch.delenv(VARIABLE)


@sends_nothing
def test_no_url(driver: Driver) -> None:
    for url in (None, ""):
        with pytest.raises(ConfigurationError) as caught:
            driver.connect_to(url)
        for part in (URL, "firestore://PROJECT", "firestore://PROJECT/DATABASE"):
            assert part in str(caught.value)
        assert isinstance(caught.value, ValueError)


@sends_nothing
@pytest.mark.parametrize(
    "text",
    [
        "my-project",
        "firestore:",
        "firestore://",
        "firestore:///(default)",
        "firestore://project/database/collection",
        "firestore://project//database",
        "firestore://pro ject",
        "firestore://project?database=x",
        "FIRESTORE://project",
        "firestores://project",
        "https://project",
        "sqlite:memory.db",
        "sqlite://memory.db",
        "sqlite:///",
        "memory",
        "memory://",
        "memory:name",
        " firestore://project",
        "firestore://project/data\nbase",
    ],
)
def test_malformed_urls(driver: Driver, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        driver.connect_to(text)
    assert repr(text) in str(caught.value)
    assert "firestore://PROJECT/DATABASE" in str(caught.value)


@sends_nothing
@pytest.mark.parametrize("parameters", ["strict_indexes=maybe", "strict_indexes", "mode=ro", "strict_indexes=true&x=1"])
@pytest.mark.parametrize("text", ["memory:", "sqlite:///memory.db"])
def test_unknown_parameters(driver: Driver, text: str, parameters: str) -> None:
    with pytest.raises(ConfigurationError, match="the only parameter is strict_indexes=true"):
        driver.connect_to(f"{text}?{parameters}")


@sends_nothing
def test_no_credentials_for_embedded_stores(driver: Driver) -> None:
    with pytest.raises(ConfigurationError, match="knows no credentials"):
        driver.connect_to("memory:", credentials=AnonymousCredentials())  # type: ignore[no-untyped-call]  # Google's class has no types


@only_firestore
@pytest.mark.parametrize(
    ("text", "database"),
    [
        ("firestore://p", "projects/p/databases/(default)"),
        ("firestore://p/", "projects/p/databases/(default)"),
        ("firestore://p/(default)", "projects/p/databases/(default)"),
        ("firestore://p/other", "projects/p/databases/other"),
    ],
)
def test_urls(driver: Driver, text: str, database: str) -> None:
    assert driver.connect(text).backend.database == database


@only_firestore
async def test_databases_are_apart(driver: Driver) -> None:
    one, other = driver.connect(), driver.connect(f"{driver.url}/other")
    created = await one.memory_items.create(an_item())
    assert not await other.memory_items.exists(created.id)


# Settings


async def test_the_environment(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL, driver.url)
    monkeypatch.setenv("FIRESTORE_MEMORY_NAMESPACE", "tests")
    client = driver.connect_to()
    async with client:
        assert client.namespace == "tests"
        assert await client.memory_items.all().count() == 0


@only_firestore
def test_arguments_come_before_the_environment(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL, "firestore://other")
    monkeypatch.setenv("FIRESTORE_MEMORY_NAMESPACE", "other")
    client = driver.connect("firestore://p", namespace="mine")
    assert (client.backend.database, client.namespace) == ("projects/p/databases/(default)", "mine")


@only_firestore
def test_settings_come_instead_of_the_environment(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(URL, "firestore://other")
    settings = MemorySettings(url="firestore://p/d", namespace="mine")
    client = driver.connect_to(settings=settings)
    assert (client.backend.database, client.namespace) == ("projects/p/databases/d", "mine")


@sends_nothing
def test_an_empty_namespace_is_not_none(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    """It must not fall back to the namespace of the environment, or to none at all."""
    monkeypatch.setenv("FIRESTORE_MEMORY_NAMESPACE", "other")
    with pytest.raises(ValidationError, match="namespace"):
        driver.connect(namespace="")


@sends_nothing
@pytest.mark.parametrize("name", ["TIMEOUT", "ATTEMPT_TIMEOUT", "RETRY"])
@pytest.mark.parametrize("value", ["soon", "-1", ""])
def test_settings_that_do_not_fit(driver: Driver, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"FIRESTORE_MEMORY_{name}", value)
    with pytest.raises(ConfigurationError, match=f"FIRESTORE_MEMORY_{name}"):
        driver.connect_to(driver.url)


# Credentials


@only_firestore
@pytest.mark.usefixtures("no_emulator")
def test_application_default_credentials_that_are_not_there(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nope.json")
    with pytest.raises(ConfigurationError, match=r"/nope\.json") as caught:
        driver.connect_to("firestore://p")
    assert caught.value.__cause__ is not None


@only_firestore
@pytest.mark.usefixtures("no_emulator")
@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"type": "unheard_of"}', '{"type": "service_account"}'])
def test_a_credentials_file_that_is_none(driver: Driver, tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "credentials.json"
    if text is not None:
        file.write_text(text)
    settings = MemorySettings(credentials_file=file)
    with pytest.raises(ConfigurationError, match=r"credentials\.json|credentials"):
        driver.connect_to("firestore://p", settings=settings)


@only_firestore
@pytest.mark.usefixtures("no_emulator")
def test_a_credentials_file(driver: Driver, tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    keys = {"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": "c"}
    file.write_text(json.dumps(keys))
    assert driver.connect("firestore://p", settings=MemorySettings(credentials_file=file)).backend is not None


@only_firestore
@pytest.mark.usefixtures("no_emulator")
def test_explicit_credentials(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nope.json")
    driver.connect_to("firestore://p", credentials=AnonymousCredentials())  # type: ignore[no-untyped-call]  # Google's class has no types


@only_firestore
def test_the_emulator_needs_no_credentials(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nope.json")
    driver.connect()

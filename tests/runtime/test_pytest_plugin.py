"""The plugin for pytest, as other people's tests use it: each test here runs pytest on files of its own."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from firestore_codegen.emit.tree import write_tree
from firestore_codegen.pipeline import generate_files

GADGETS = Path(__file__).parents[1] / "schemas" / "gadgets"

SYNC = """
    from firestore_memory import MemoryClient, MemoryItem

    def test_one(memory_client: MemoryClient) -> None:
        memory_client.memory_items.create(MemoryItem(id="a", user_id="ada", item_type="fact"))
        assert memory_client.memory_items.all().count() == 1

    def test_two(memory_client: MemoryClient) -> None:
        assert memory_client.memory_items.all().count() == 0
"""
ASYNC = """
    import asyncio
    import pytest
    from firestore_memory import AsyncMemoryClient, MemoryItem

    {mark}
    async def test_one(async_memory_client: AsyncMemoryClient) -> None:
        items = async_memory_client.memory_items
        await asyncio.gather(*(items.create(MemoryItem(user_id="ada", item_type="fact")) for _ in range(5)))
        assert await items.all().count() == 5

    {mark}
    @pytest.mark.memory_seed("seed.ndjson")
    async def test_two(async_memory_client: AsyncMemoryClient) -> None:
        assert [item.id async for item in async_memory_client.memory_items.all()] == ["seeded"]
"""
SEED = '{"path": "memories/%s", "fields": {"user_id": "%s", "item_type": "fact"}}\n'


def run(pytester: pytest.Pytester, *args: str, passed: int = 0, errors: int = 0) -> str:
    """Run pytest as a program of its own, in which each warning is an error, and return what it prints."""
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-W", "error", "--strict-markers", *args)
    result.assert_outcomes(passed=passed, errors=errors)
    return result.stdout.str()


@pytest.fixture(autouse=True)
def seed(pytester: pytest.Pytester) -> Path:
    """A file with one document."""
    path = pytester.path / "seed.ndjson"
    path.write_text(SEED % ("seeded", "ada"))
    return path


def test_each_test_has_an_empty_store(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SYNC)
    run(pytester, "-p", "no:asyncio", passed=2)


ASYNCIO = ("-p", "no:anyio", "-o", "asyncio_default_fixture_loop_scope=function", "-o")


@pytest.mark.parametrize(
    ("mark", "args"),
    [
        ("", (*ASYNCIO, "asyncio_mode=auto")),
        ("@pytest.mark.asyncio", (*ASYNCIO, "asyncio_mode=strict")),
        ("@pytest.mark.anyio", ("-p", "no:asyncio", "-k", "not trio")),
    ],
    ids=["asyncio, auto", "asyncio, strict", "anyio"],
)
def test_asynchronous_tests(pytester: pytest.Pytester, mark: str, args: tuple[str, ...]) -> None:
    if "anyio" in mark:
        pytester.makeconftest("import pytest\n@pytest.fixture\ndef anyio_backend(): return 'asyncio'")
    pytester.makepyfile(ASYNC.format(mark=mark))
    run(pytester, *args, passed=2)


def test_an_asynchronous_client_without_any_plugin_for_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio
        import pytest

        @pytest.mark.memory_seed("seed.ndjson")
        def test_one(async_memory_client):
            assert asyncio.run(async_memory_client.memory_items.all().count()) == 1
            assert asyncio.run(async_memory_client.memory_items.exists("seeded"))

        def test_two(async_memory_client):
            pass
        """
    )
    run(pytester, "-p", "no:asyncio", "-p", "no:anyio", passed=2)


def test_both_clients_in_one_test_have_a_store_each(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import asyncio
        import pytest

        @pytest.mark.memory_seed("seed.ndjson")
        def test_both(memory_client, async_memory_client):
            memory_client.memory_items.delete("seeded")
            assert asyncio.run(async_memory_client.memory_items.exists("seeded"))
        """
    )
    run(pytester, "-p", "no:asyncio", passed=1)


def test_marks_of_modules_classes_and_functions(pytester: pytest.Pytester) -> None:
    """All of them are loaded, from beside the test's own file, and the nearest ones last."""
    directory = pytester.mkpydir("deeper")
    for name in ("module", "class", "function"):
        (directory / f"{name}.ndjson").write_text(SEED % (name, name) + SEED % ("nearest", name))
    (directory / "array.json").write_text(f"[{SEED % ('array', 'array')}]")
    (directory / "test_marks.py").write_text(
        """
import pytest

pytestmark = pytest.mark.memory_seed("module.ndjson")

def found(client):
    return [(item.id, item.user_id) for item in client.memory_items.all()]

def test_module(memory_client):
    assert found(memory_client) == [("module", "module"), ("nearest", "module")]

@pytest.mark.memory_seed("class.ndjson")
class TestClass:
    def test_class(self, memory_client):
        assert found(memory_client) == [("class", "class"), ("module", "module"), ("nearest", "class")]

    @pytest.mark.memory_seed("function.ndjson", "array.json")
    def test_function(self, memory_client):
        assert dict(found(memory_client)) == {
            "array": "array", "class": "class", "function": "function", "module": "module", "nearest": "function"
        }

@pytest.mark.parametrize("count", [2, pytest.param(4, marks=pytest.mark.memory_seed("function.ndjson", "array.json"))])
def test_parameters(memory_client, count):
    assert len(found(memory_client)) == count
"""
    )
    run(pytester, "-p", "no:asyncio", passed=5)


def test_mistakes(pytester: pytest.Pytester) -> None:
    """They are reported in a line, without a traceback."""
    (pytester.path / "bad.ndjson").write_text(SEED % ("a", "a") + '{"path": "memores/a", "fields": {}}')
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.memory_seed("missing.ndjson")
        def test_missing(memory_client): pass

        @pytest.mark.memory_seed("bad.ndjson")
        def test_bad(memory_client): pass

        @pytest.mark.memory_seed("bad.ndjson")
        def test_bad_too(async_memory_client): pass

        @pytest.mark.memory_seed
        def test_empty(memory_client): pass

        @pytest.mark.memory_seed(file="seed.ndjson")
        def test_keyword(memory_client): pass
        """
    )
    out = run(pytester, "-p", "no:asyncio", "-rN", errors=5)
    assert "@pytest.mark.memory_seed: [Errno 2] No such file or directory: " in out
    assert f"{pytester.path / 'missing.ndjson'}" in out
    assert out.count(f"@pytest.mark.memory_seed: load: {pytester.path / 'bad.ndjson'}, line 2: 'memores/a' is no ") == 2
    assert out.count('write @pytest.mark.memory_seed("FILE", ...)') == 2
    assert "pytest_plugin.py" not in out


def test_the_mark_is_documented(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("--markers")
    result.stdout.fnmatch_lines(
        ["@pytest.mark.memory_seed(file, ...): load documents into the store of `memory_client`"]
    )


def test_a_package_of_ones_own(pytester: pytest.Pytester) -> None:
    package = generate_files(GADGETS)
    write_tree(pytester.path / package.name, package.files)
    pytester.makeconftest('pytest_plugins = ["gadgets_store.pytest_plugin"]')
    (pytester.path / "gadgets.json").write_text('[{"path": "gadgets/g1", "fields": {"label": "Lens"}}]')
    pytester.makepyfile(
        """
        import asyncio
        import pytest

        pytestmark = pytest.mark.gadgets_seed("gadgets.json")

        def test_sync(gadgets_client):
            assert gadgets_client.gadgets.require("g1").label == "Lens"

        def test_async(async_gadgets_client):
            assert asyncio.run(async_gadgets_client.gadgets.require("g1")).label == "Lens"
        """
    )
    run(pytester, "-p", "no:asyncio", passed=2)


def test_the_installed_package_has_an_entry_point() -> None:
    """After a change of pyproject.toml, `make install` is needed."""
    [entry] = entry_points(group="pytest11", name="firestore_memory")
    assert entry.value == "firestore_memory.pytest_plugin"


def test_it_loads_nothing_that_pytest_does_not_load_itself() -> None:
    """It is loaded with each run of pytest in the environment, most of which have no use for it."""
    program = """
import pytest, sys
before = set(sys.modules)
import firestore_memory.pytest_plugin
print(*sorted(set(sys.modules) - before))
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.split() == [
        "firestore_memory",
        "firestore_memory.pytest_plugin",
        "firestore_runtime",
        "firestore_runtime.contract",
        "firestore_runtime.lazy",
        "firestore_runtime.testing",
    ]

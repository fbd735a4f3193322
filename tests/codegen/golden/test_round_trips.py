"""Every model of every case, through the emulator and back: the same values, stored in the way that the schema says."""

from __future__ import annotations

import pytest

from tests.codegen.golden.documents import FLAVOURS, Documents, connected, exploring
from tests.codegen.golden.packages import NAMES, case
from tests.codegen.golden.samples import Samples

pytestmark = pytest.mark.parametrize("name", NAMES)


@pytest.mark.parametrize("flavour", FLAVOURS)
async def test_what_is_written_is_read(name: str, flavour: str, url: str) -> None:
    async with connected(case(name), url, flavour) as client:
        for collection in case(name).package.collections:
            documents = Documents(case(name), client, collection)
            created = await documents.create()
            for document_id, model in created:
                await documents.check(document_id, model)
            await documents.check_updates(created)


async def test_every_field_can_be_filtered_by(name: str, url: str) -> None:
    async with connected(case(name), exploring(url), "sync") as client:
        for collection in case(name).package.collections:
            documents = Documents(case(name), client, collection)
            await documents.check_filters(await documents.create())


def test_no_model_is_left_out(name: str) -> None:
    package = case(name).package
    samples = Samples(package, case(name).module())
    for collection in package.collections:
        samples.documents(collection)
    assert samples.made == {model.name for model in package.models}

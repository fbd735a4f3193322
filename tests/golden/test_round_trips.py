"""Every model of every case, through the emulator and back: the same values, stored in the way that the schema says."""

from __future__ import annotations

import math

import pytest

from codegen.ir import Array, Map, ModelRef, Nullable, Package, TypeRef, Union
from tests.golden.cases import NAMES, cases, case
from tests.golden.documents import FLAVOURS, Documents, connected

pytestmark = [pytest.mark.parametrize("flavour", FLAVOURS), pytest.mark.parametrize("name", NAMES)]


async def test_what_is_created_is_read(name: str, flavour: str, project: str) -> None:
    async with connected(case(name), project, flavour) as client:
        for collection in case(name).package.collections:
            documents = Documents(case(name), client, collection)
            for document_id, model in await documents.create():
                await documents.check(document_id, model)


async def test_every_field_can_be_updated(name: str, flavour: str, project: str) -> None:
    async with connected(case(name), project, flavour) as client:
        for collection in case(name).package.collections:
            await Documents(case(name), client, collection).check_updates()


async def test_every_field_can_be_filtered_by(name: str, flavour: str, project: str) -> None:
    async with connected(case(name), project, flavour) as client:
        for collection in case(name).package.collections:
            await Documents(case(name), client, collection).check_filters()

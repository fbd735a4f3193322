"""Lets failed assertions in the helpers show their values, too."""

import pytest

pytest.register_assert_rewrite("tests.codegen.golden.documents")

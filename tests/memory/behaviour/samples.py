"""Documents with one field of each kind that queries tell apart."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


def some_samples(gadgets: Any) -> list[Any]:
    """Make five samples, "0" to "4"."""
    fields: list[dict[str, Any]] = [
        {"count": 0, "size": -math.inf, "name": "ada", "flag": False, "extra": None},
        {
            "count": 1,
            "size": math.nan,
            "name": "bob",
            "flag": True,
            "tags": ["x"],
            "scores": {"a.b": 1.5},
            "inner": gadgets.Inner(rank=1, name="deep"),
            "extra": math.nan,
        },
        {"count": 2, "size": 2.0, "name": "bob", "tags": ["x", "y"], "extra": [1, "x"]},
        {
            "count": 3,
            "tags": ["y", "z"],
            "inner": gadgets.Inner(name="down"),
            "extra": {"n": 7, "odd key": {"`\\": 7}},
        },
        {"size": 2.5, "extra": "text"},
    ]
    return [
        gadgets.Sample(id=f"{number}", at=NOON + timedelta(minutes=number), **sample)
        for number, sample in enumerate(fields)
    ]

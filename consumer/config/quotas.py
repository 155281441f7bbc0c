"""How small a request quota may be. Imports pydantic.

A batch costs two requests. Half of the burst quota and a fifth of the daily one may go at once
(`coveo/pacing.py`): a quota whose part that goes at once holds no batch would let none go in time.
A test holds these numbers against that module, which the configuration may not import.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, Field

LEAST_BURST: Final = 4
LEAST_DAILY: Final = 10


def _at_least(least: int, share: str) -> Callable[[int], int]:
    def check(requests: int) -> int:
        if requests < least:
            msg = (
                f"must be at least {least}: a batch costs 2 requests, and only {share} of this "
                "quota may be used at once"
            )
            raise ValueError(msg)
        return requests

    return check


BurstQuota: TypeAlias = Annotated[
    int,
    Field(json_schema_extra={"minimum": LEAST_BURST}),
    AfterValidator(_at_least(LEAST_BURST, "half")),
]
DailyQuota: TypeAlias = Annotated[
    int,
    Field(json_schema_extra={"minimum": LEAST_DAILY}),
    AfterValidator(_at_least(LEAST_DAILY, "a fifth")),
]

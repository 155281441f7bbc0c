"""Creates fields that are missing: the one thing that a command changes in an organization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from consumer.coveo.answers import NotGiven
from consumer.coveo.api.platform_models import Field
from consumer.coveo.client import CoveoClient
from consumer.coveo.results import Done
from consumer.http.deadline import Deadline

PER_CALL: Final = 500
"""As many as Coveo's own client creates in one call."""


def create_fields(client: CoveoClient, fields: Sequence[Field], whole: Deadline) -> NotGiven | None:
    """Create them; return the first answer that is no success. A call creates all of its or none.

    Whoever gets one looks again what exists: the answer may be lost, or somebody else was faster.
    """
    for first in range(0, len(fields), PER_CALL):
        some = fields[first : first + PER_CALL]
        result = client.platform.create_fields(some, whole)
        if not isinstance(result, Done):
            return result
    return None

"""Every endpoint that the client knows, called once with success, by each way to the emulator."""

from __future__ import annotations

import pytest

from consumer.coveo.api.streams import StreamTarget
from consumer.coveo.client import CoveoClient
from consumer.coveo.codes import ErrorCode
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.results import Declined, Done
from tests.contract.coveo.every_call import CALLS, Caller
from tests.contract.coveo.services import Emulator


@pytest.mark.parametrize("endpoint", Endpoint)
def test_each_endpoint_succeeds_and_says_what_it_should(
    emulator: Emulator, endpoint: Endpoint
) -> None:
    """The emulator was written from the same documents by other hands."""
    result = CALLS[endpoint](Caller(emulator.client(), emulator.now_ms()))
    assert isinstance(result, Done)


class Unprepared(Caller):
    """One whose calls ask for nothing beforehand: that would need the key itself."""

    def file(self, body: bytes) -> str:
        """Return some id."""
        return body.hex()[:8]

    def stream(self, target: StreamTarget) -> str:
        """Return some id."""
        return target.source_id

    def sales(self) -> CoveoClient:
        """Push nothing."""
        return self.client


@pytest.mark.parametrize("endpoint", sorted(set(Endpoint) - {Endpoint.UPLOAD}))
def test_each_endpoint_wants_the_key(emulator: Emulator, endpoint: Endpoint) -> None:
    """But the upload, whose URI is its key; and a wrong one is told apart from all else."""
    result = CALLS[endpoint](Unprepared(emulator.client(key="other"), emulator.now_ms()))
    assert isinstance(result, Declined)
    assert result.response.status == 401
    assert result.code is ErrorCode.INVALID_TOKEN

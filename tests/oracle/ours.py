"""Our own client's requests, one of each kind, as the contract suite makes them."""

from __future__ import annotations

from collections.abc import Sequence

from consumer.coveo.client import ClientSettings, CoveoClient
from consumer.coveo.results import Done
from tests.contract.coveo.every_call import CALLS, Caller
from tests.contract.coveo.services import KEY, ORGANIZATION, SOURCE_IDS
from tests.oracle.recording import Seen, recording_emulator


def our_requests() -> Sequence[Seen]:
    """Call every endpoint, each of a new emulator's world; all of them succeed."""
    with recording_emulator() as recorded:
        settings = ClientSettings(ORGANIZATION, recorded.base_url, SOURCE_IDS)
        client = CoveoClient(settings, lambda: KEY)
        for call in CALLS.values():
            recorded.world.reset()
            result = call(Caller(client, recorded.world.clock.now_ms()))
            assert isinstance(result, Done)
        client.close()
        return recorded.seen

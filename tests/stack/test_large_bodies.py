"""Bodies that do not fit into their items: each goes through a container of its own."""

from __future__ import annotations

import base64
import random
from typing import Final

import pytest

from consumer.coveo.limits import MAX_INLINE_CONTENT_BYTES
from emulator.calls import Endpoint
from emulator.faults import LoseResponse
from tests.e2e.program import wait_for
from tests.stack.chaos import CONNECTOR
from tests.stack.conftest import SceneMaker
from tests.stack.places import Part
from tests.stack.tables import ARTICLES, creating

pytestmark = pytest.mark.stack

_INSERT: Final = "INSERT INTO articles (id, title, body, state) VALUES (%s, %s, %s, 'shown')"


def incompressible(seed: int) -> str:
    """Return a text that stays larger than fits inline, however it is compressed."""
    noise = random.Random(seed).randbytes(MAX_INLINE_CONTENT_BYTES + 200_000)
    return base64.b64encode(noise).decode()


def test_the_index_is_the_database_with_bodies_of_more_than_5_mb(make_scene: SceneMaker) -> None:
    """From snapshot and stream, replaced while an answer is lost, deleted; beside small rows."""
    scene = make_scene(Part.POSTGRES, ARTICLES)
    scene.execute(*creating(Part.POSTGRES))
    with scene.database.session() as session:
        session.execute(_INSERT, 1, "of the snapshot", incompressible(1))
        session.execute(_INSERT, 2, "small", "few words")
    scene.begin(CONNECTOR)
    scene.assert_index_is_select()
    scene.product.index.fault(LoseResponse(), Endpoint.PUSH_BATCH, count=1)
    with scene.database.session() as session:
        session.execute("UPDATE articles SET body = %s WHERE id = 1", incompressible(2))
        session.execute(_INSERT, 3, "of the stream", incompressible(3))
        session.execute("UPDATE articles SET body = 'fewer' WHERE id = 2")
    scene.assert_index_is_select()
    assert scene.product.program.events("batch_retried")
    scene.execute(
        "UPDATE articles SET body = 'short now' WHERE id = 1", "DELETE FROM articles WHERE id = 3"
    )
    scene.assert_index_is_select()
    assert scene.product.dead_letters() == []
    wait_for(lambda: not scene.product.uncommitted(), "everything is committed")

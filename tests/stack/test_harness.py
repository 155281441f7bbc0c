"""What scenarios rely on: each part can be taken away and brought back, each converter chosen."""

from __future__ import annotations

import json

import pytest
from confluent_kafka import Consumer, TopicPartition

from tests.stack.conftest import SceneMaker
from tests.stack.converters import Converter
from tests.stack.places import Part
from tests.stack.scene import Scene
from tests.stack.tables import STOCK, creating

pytestmark = pytest.mark.stack

PARTS = [part for part in Part if part is not Part.MARIADB]


def scene_with_stock(make_scene: SceneMaker, converter: Converter = Converter.APICURIO) -> Scene:
    """Return a scene on PostgreSQL with one row, its connector registered."""
    scene = make_scene(Part.POSTGRES, STOCK, converter=converter)
    scene.execute(*creating(Part.POSTGRES), "INSERT INTO stock VALUES ('w', 'a', 1)")
    scene.connector.register(converter=converter)
    scene.connector.wait_for_snapshot()
    return scene


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_killed_and_comes_back_with_what_it_had(
    make_scene: SceneMaker, part: Part
) -> None:
    """Same port, same data: otherwise a scenario would prove something else."""
    scene = scene_with_stock(make_scene)
    scene.product.start()
    scene.assert_index_is_select()
    scene.stack.kill(part)
    assert not scene.stack.alive(part)
    scene.stack.start(part)
    scene.execute("INSERT INTO stock VALUES ('w', 'b', 2)")
    scene.assert_index_is_select()
    assert scene.product.program.running


def test_a_part_is_stopped_in_order_and_started_again(make_scene: SceneMaker) -> None:
    """The registry's and Connect's restarts of a scenario."""
    scene = scene_with_stock(make_scene)
    scene.product.start()
    for part in (Part.REGISTRY, Part.CONNECT):
        scene.stack.restart(part)
    scene.execute("UPDATE stock SET quantity = 2")
    scene.assert_index_is_select()


def test_a_killed_program_starts_again_in_its_group(make_scene: SceneMaker) -> None:
    """What it left open is the next one's."""
    scene = scene_with_stock(make_scene)
    scene.product.start()
    scene.assert_index_is_select()
    scene.product.kill()
    scene.execute("UPDATE stock SET quantity = 3")
    scene.product.start()
    scene.assert_index_is_select()
    assert len(scene.product.programs) == 2


@pytest.mark.parametrize("converter", [Converter.JSON, Converter.JSON_BARE])
def test_a_connector_writes_json_where_it_is_asked_to(
    make_scene: SceneMaker, converter: Converter
) -> None:
    """With its schema or without."""
    scene = scene_with_stock(make_scene, converter)
    value = json.loads(first_value(scene, scene.connector.topic("stock")))
    assert ("schema" in value) is (converter is Converter.JSON)
    payload = value["payload"] if converter is Converter.JSON else value
    assert payload["after"] == {"warehouse": "w", "sku": "a", "quantity": 1}


def test_a_topic_is_deleted_and_made_anew(make_scene: SceneMaker) -> None:
    """Its offsets begin at 0 again, in as many partitions as asked for."""
    scene = scene_with_stock(make_scene)
    topic = scene.connector.topic("stock")
    assert sum(scene.topics.ends(topic).values()) == 1
    scene.topics.recreate(topic, 2)
    assert scene.topics.ends(topic) == {0: 0, 1: 0}
    scene.topics.add_partitions(topic, 4)
    assert len(scene.topics.ends(topic)) == 4


def first_value(scene: Scene, topic: str) -> bytes:
    """Return the value of a topic's first record."""
    servers = scene.stack.endpoints.bootstrap_servers
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "nobody"})
    try:
        consumer.assign([TopicPartition(topic, n, 0) for n in scene.topics.partitions(topic)])
        message = consumer.poll(30)
    finally:
        consumer.close()
    assert message is not None
    return message.value() or b""

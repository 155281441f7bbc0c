"""Every way in which Apicurio's converter names schemas, live; ids looked up in the wrong space."""

from __future__ import annotations

from typing import Final

import httpx
import pytest

from tests.e2e.program import wait_for
from tests.stack.conftest import SceneMaker
from tests.stack.places import Json, Part
from tests.stack.scene import Scene
from tests.stack.stack import Endpoints
from tests.stack.tables import STOCK, creating

pytestmark = pytest.mark.stack

LEGACY: Final = "io.apicurio.registry.serde.Legacy4ByteIdHandler"
BARE: Final = {"headers.enabled": "false"}
MODES: Final[dict[str, tuple[Json, Json]]] = {
    "headers, globalId": ({}, {"framing": "apicurio-headers"}),
    "headers, contentId": ({"use-id": "contentId"}, {}),
    "8 bytes, globalId": (BARE, {"framing": "apicurio-8-byte"}),
    "8 bytes, contentId": ({**BARE, "use-id": "contentId"}, {"payload_ids": "content"}),
    "4 bytes, globalId": (
        {**BARE, "id-handler": LEGACY, "use-id": "globalId"},
        {"framing": "apicurio-4-byte", "payload_ids": "global"},
    ),
    "4 bytes, contentId": ({**BARE, "id-handler": LEGACY, "use-id": "contentId"}, {}),
}
"""The converter's options, and what the program is told beside the registry's address."""


def native(endpoints: Endpoints) -> str:
    """Return the address of the registry's own API."""
    return endpoints.registry_url.replace("/ccompat/v7", "/registry/v3")


def converters(endpoints: Endpoints, options: Json) -> Json:
    """Return the settings of Apicurio's converter with these options, for key and value alike."""
    settings: Json = {}
    whole = {"url": native(endpoints).replace("v3", "v2"), "auto-register": "true", **options}
    for side in ("key", "value"):
        settings[f"{side}.converter"] = "io.apicurio.registry.utils.converter.AvroConverter"
        prefix = f"{side}.converter.apicurio.registry"
        settings |= {f"{prefix}.{name}": value for name, value in whole.items()}
    return settings


def written(make_scene: SceneMaker, options: Json) -> Scene:
    """Return a scene whose connector has written a snapshot with these options."""
    scene = make_scene(Part.POSTGRES, STOCK)
    _move_ids_apart(scene.stack.endpoints, scene.connector.name)
    scene.execute(*creating(Part.POSTGRES))
    for number in range(20):
        scene.execute(f"INSERT INTO stock VALUES ('w', 'sku {number}', {number})")  # noqa: S608
    scene.connector.register(converters(scene.stack.endpoints, options))
    scene.connector.wait_for_snapshot()
    return scene


def _move_ids_apart(endpoints: Endpoints, name: str) -> None:
    """Register one text twice, so that globalIds are ahead of contentIds.

    What the text describes may be found under a wrong id: it is another table's, as usual.
    """
    text = f'{{"type":"record","name":"Envelope","namespace":"{name}.other","fields":[]}}'
    first = {"content": {"content": text, "contentType": "application/json"}}
    document = {"artifactId": name, "artifactType": "AVRO", "firstVersion": first}
    address = f"{native(endpoints)}/groups/default/artifacts?ifExists=FIND_OR_CREATE_VERSION"
    for _ in range(2):
        httpx.post(address, json=document, timeout=30).raise_for_status()


def change(scene: Scene) -> None:
    """Update, delete and move rows."""
    scene.execute(
        "UPDATE stock SET quantity = quantity + 100 WHERE quantity < 10",
        "DELETE FROM stock WHERE quantity = 15",
        "UPDATE stock SET sku = 'moved' WHERE quantity = 16",
        "ALTER TABLE stock ADD COLUMN note text",
        "UPDATE stock SET note = 'a new schema' WHERE quantity = 17",
    )


@pytest.mark.parametrize("mode", MODES)
def test_the_index_is_the_database_however_schemas_are_named(
    make_scene: SceneMaker, mode: str
) -> None:
    """Snapshot, changes and a new schema."""
    options, keys = MODES[mode]
    scene = written(make_scene, options)
    url = native(scene.stack.endpoints)
    scene.product.configuration["schema_registry"] = {"url": url, **keys}
    scene.product.start()
    scene.assert_index_is_select()
    change(scene)
    scene.assert_index_is_select()
    assert scene.product.dead_letters() == []


@pytest.mark.parametrize("use_id", ["globalId", "contentId"])
def test_ids_of_the_other_space_hold_until_that_is_mended_and_nothing_was_wrong(
    make_scene: SceneMaker, use_id: str
) -> None:
    """Whether such an id names another schema or none, no item is made by it."""
    options = {**BARE, "id-handler": LEGACY, "use-id": use_id}
    wrong, right = ("content", "global") if use_id == "globalId" else ("global", "content")
    scene = written(make_scene, options)
    registry = {"url": native(scene.stack.endpoints), "payload_ids": wrong}
    scene.product.configuration["schema_registry"] = registry
    program = scene.product.start()
    wait_for(lambda: program.stuck("partition"), "partitions are held")
    told = ("payload_ids", "unknown to the registry")
    wait_for(
        lambda: any(word in one["why"] for one in program.stuck("partition") for word in told),
        "it says what to look at",
    )
    assert scene.product.items(STOCK) == {}
    assert scene.product.dead_letters() == []
    assert scene.product.stop() == 0
    registry["payload_ids"] = right
    scene.product.start()
    change(scene)
    scene.assert_index_is_select()


def test_a_replay_needs_no_registry(make_scene: SceneMaker) -> None:
    """The disk has what was used before, changed tables included."""
    scene = written(make_scene, {})
    registry = {"url": native(scene.stack.endpoints), "cache_directory": "schemas"}
    scene.product.configuration["schema_registry"] = registry
    scene.product.start()
    change(scene)
    scene.assert_index_is_select()
    assert scene.product.stop() == 0
    scene.stack.kill(Part.REGISTRY)
    scene.product.group += "-replay"
    scene.product.configuration["kafka"]["group_id"] = scene.product.group
    program = scene.product.start()
    wait_for(lambda: not scene.product.uncommitted(), "everything is read and committed")
    scene.stack.start(Part.REGISTRY)
    assert "schema_read_from_disk" in program.output()
    scene.assert_index_is_select()
    assert scene.product.dead_letters() == []

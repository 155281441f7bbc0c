"""Records in JSON, and rows without an envelope, as real converters and transforms write them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from tests.stack.conftest import SceneMaker
from tests.stack.converters import Converter
from tests.stack.places import Json, Part
from tests.stack.tables import ARTICLES, STOCK, creating
from tests.stack.test_first_changes import _change, _fill, _move
from tests.stack.truth import Indexed

pytestmark = pytest.mark.stack

TYPES: Final[Json] = {
    "title": "string",
    "body": "string",
    "price": {"type": "decimal", "scale": 2},
    "views": "int64",
    "featured": "boolean",
    "updated_at": "io.debezium.time.MicroTimestamp",
    "stamp": "bytes",
}
"""What JSON without schemas has no word for; and texts, so that their nulls are believed."""

UNWRAP: Final[Json] = {
    "transforms": "unwrap",
    "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
}


def unwrapped(mode: str, **more: str) -> Json:
    """Return the settings of the transform in one of its modes for deletes."""
    prefix = "transforms.unwrap."
    return {**UNWRAP, f"{prefix}delete.tombstone.handling.mode": mode} | {
        f"{prefix}{name.replace('_', '.')}": value for name, value in more.items()
    }


def declared(table: Indexed, converter: Converter, **keys: Any) -> Indexed:
    """Return the table, mapped with these declarations and those that the converter asks for."""
    types = (
        {"column_types": TYPES} if converter is Converter.JSON_BARE and table is ARTICLES else {}
    )
    return replace(table, mapping={**table.mapping, **types, **keys})


NUMBERS: Final = {"value.converter.decimal.format": "NUMERIC"}
WAYS: Final = [
    pytest.param(Converter.JSON, {}, {}, id="JSON"),
    pytest.param(Converter.JSON_BARE, NUMBERS, {"encoding": "json"}, id="JSON without schemas"),
    pytest.param(Converter.APICURIO, unwrapped("tombstone"), {}, id="flattened, known by its name"),
    pytest.param(
        Converter.JSON,
        unwrapped("rewrite", add_fields="op,connector,version"),
        {},
        id="flattened, recognised, JSON",
    ),
    pytest.param(
        Converter.JSON_BARE,
        unwrapped("rewrite-with-tombstone", add_fields="op,connector"),
        {},
        id="flattened, recognised, JSON without schemas",
    ),
    pytest.param(Converter.JSON_BARE, unwrapped("tombstone"), {"format": "upsert"}, id="upsert"),
]


@pytest.mark.parametrize(("converter", "settings", "keys"), WAYS)
def test_the_index_is_the_database_whatever_shape_its_changes_have(
    make_scene: SceneMaker, converter: Converter, settings: Json, keys: Json
) -> None:
    """Snapshot, changes, deletes, moved and swapped keys: the same as by Avro change events."""
    tables = (declared(table, converter, **keys) for table in (ARTICLES, STOCK))
    scene = make_scene(Part.POSTGRES, *tables, converter=converter)
    scene.execute(*creating(Part.POSTGRES))
    _fill(scene)
    scene.connector.register(settings, converter)
    scene.connector.wait_for_snapshot()
    scene.product.start()
    scene.assert_index_is_select()
    _change(scene)
    scene.assert_index_is_select()
    _move(scene)
    scene.assert_index_is_select()
    assert scene.product.dead_letters() == []
    assert scene.product.stop() == 0

"""WKB and EWKB → GeoJSON, from literal bytes."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from consumer.decode.geometry import circle_of_parts, geojson_of_parts, line_of_parts
from consumer.decode.losses import Loss, Losses
from consumer.domain.errors import PoisonError


def point(x: float, y: float, order: str = "<") -> bytes:
    """Return a point as WKB."""
    return struct.pack(f"{order}BIdd", order == "<", 1, x, y)


def ring(*numbers: float) -> bytes:
    """Return counted coordinates."""
    return struct.pack(f"<I{len(numbers)}d", len(numbers) // 2, *numbers)


def head(kind: int, count: int) -> bytes:
    """Return the head of a shape of parts."""
    return struct.pack("<BII", 1, kind, count)


FACE = [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]]
TRIANGLE = head(3, 1) + ring(0, 0, 1, 0, 1, 1, 0, 0)

SHAPES: dict[str, tuple[bytes, Any]] = {
    "little-endian point": (point(1.5, -2.5), {"type": "Point", "coordinates": [1.5, -2.5]}),
    "big-endian point": (point(1.5, -2.5, ">"), {"type": "Point", "coordinates": [1.5, -2.5]}),
    "EWKB with Z and SRID": (
        struct.pack("<BIIddd", 1, 0xA0000001, 4326, 1, 2, 3),
        {"type": "Point", "coordinates": [1.0, 2.0, 3.0]},
    ),
    "ISO point M": (
        struct.pack("<BIddd", 1, 2001, 1, 2, 3),
        {"type": "Point", "coordinates": [1.0, 2.0]},
    ),
    "line": (
        struct.pack("<BI", 1, 2) + ring(0, 0, 1, 1),
        {"type": "LineString", "coordinates": [[0.0, 0.0], [1.0, 1.0]]},
    ),
    "polygon": (
        head(3, 1) + ring(0, 0, 1, 0, 1, 1, 0, 0),
        {"type": "Polygon", "coordinates": [[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]]},
    ),
    "points": (
        head(4, 2) + point(1, 2) + point(3, 4),
        {"type": "MultiPoint", "coordinates": [[1.0, 2.0], [3.0, 4.0]]},
    ),
    "lines": (
        head(5, 1) + struct.pack("<BI", 1, 2) + ring(0, 0, 1, 1),
        {"type": "MultiLineString", "coordinates": [[[0.0, 0.0], [1.0, 1.0]]]},
    ),
    "polygons": (head(6, 1) + TRIANGLE, {"type": "MultiPolygon", "coordinates": [FACE]}),
    "triangle": (
        head(17, 1) + ring(0, 0, 1, 0, 1, 1, 0, 0),
        {"type": "Polygon", "coordinates": FACE},
    ),
    "curves, all of them straight": (
        head(11, 1) + struct.pack("<BI", 1, 2) + ring(0, 0, 1, 1),
        {"type": "MultiLineString", "coordinates": [[[0.0, 0.0], [1.0, 1.0]]]},
    ),
    "surfaces": (head(12, 1) + TRIANGLE, {"type": "MultiPolygon", "coordinates": [FACE]}),
    "polyhedron": (head(15, 1) + TRIANGLE, {"type": "MultiPolygon", "coordinates": [FACE]}),
    "triangulated network": (
        head(16, 1) + head(17, 1) + ring(0, 0, 1, 0, 1, 1, 0, 0),
        {"type": "MultiPolygon", "coordinates": [FACE]},
    ),
    "ISO line ZM": (
        struct.pack("<BII8d", 1, 3002, 2, 0, 0, 7, 9, 1, 1, 8, 9),
        {"type": "LineString", "coordinates": [[0.0, 0.0, 7.0], [1.0, 1.0, 8.0]]},
    ),
    "EWKB point ZM": (
        struct.pack("<BIdddd", 1, 0xC0000001, 1, 2, 3, 4),
        {"type": "Point", "coordinates": [1.0, 2.0, 3.0]},
    ),
    "no points": (head(4, 0), {"type": "MultiPoint", "coordinates": []}),
    "collection": (
        head(7, 1) + point(1, 2),
        {
            "type": "GeometryCollection",
            "geometries": [{"type": "Point", "coordinates": [1.0, 2.0]}],
        },
    ),
}


@pytest.mark.parametrize(("wkb", "expected"), SHAPES.values(), ids=SHAPES.keys())
def test_shapes_become_geojson(wkb: bytes, expected: Any) -> None:
    """Each kind, order and dimension that PostGIS and MySQL write."""
    losses = Losses()
    assert geojson_of_parts({"wkb": wkb, "srid": None}, losses.add) == expected
    assert not losses.counts()


def test_another_system_of_reference_is_said() -> None:
    """Metres must not be taken for degrees."""
    ewkb = struct.pack("<BIIdd", 1, 0x20000001, 3857, 1, 2)
    expected = {"type": "Point", "coordinates": [1.0, 2.0], "srid": 3857}
    assert geojson_of_parts({"wkb": ewkb, "srid": None}, Losses().add) == expected
    assert geojson_of_parts({"wkb": point(1, 2), "srid": 3857}, Losses().add) == expected


def test_point_without_wkb_has_x_and_y() -> None:
    """PostgreSQL's own point type."""
    parts = {"x": 1.5, "y": -2.5, "wkb": None, "srid": None}
    expected = {"type": "Point", "coordinates": [1.5, -2.5]}
    assert geojson_of_parts(parts, Losses().add) == expected


UNFIT = {
    "empty": b"",
    "cut": point(1, 2)[:-1],
    "longer": point(1, 2) + b"\0",
    "curve": struct.pack("<BII", 1, 8, 0),
    "curve among surfaces": head(12, 1) + struct.pack("<BII", 1, 10, 0),
    "NaN": point(float("nan"), 1),
    "huge count": head(7, 2**32 - 1),
    "count beyond the bytes": head(2, 2**31) + bytes(16) * 300_000,
    "collection among points": head(4, 1) + head(7, 0),
    "line among polygons": head(6, 1) + struct.pack("<BI", 1, 2) + ring(0, 0, 1, 1),
    "deep": head(7, 1) * 1_000 + point(1, 2),
}


@pytest.mark.parametrize("wkb", UNFIT.values(), ids=UNFIT.keys())
def test_unfit_shape_is_none_and_counted(wkb: bytes) -> None:
    """A shape that cannot be said in GeoJSON must not stop its row."""
    losses = Losses()
    assert geojson_of_parts({"wkb": wkb}, losses.add) is None
    assert losses.counts() == {Loss.GEOMETRY: 1}


def test_circle_and_line_that_are_not_finite_are_none_and_counted() -> None:
    """JSON has no word for them."""
    losses, nan = Losses(), float("nan")
    assert circle_of_parts({"center": {"x": 0.0, "y": 0.0}, "radius": nan}, losses.add) is None
    assert circle_of_parts({"center": {"x": nan, "y": 0.0}, "radius": 1.0}, losses.add) is None
    assert line_of_parts({"a": 1.0, "b": nan, "c": 0.0}, losses.add) is None
    assert losses.counts() == {Loss.GEOMETRY: 3}


PARTS = 260_000
HUGE = {
    "line": head(2, PARTS) + bytes(16) * PARTS,
    "points": head(4, PARTS) + point(1, 2) * PARTS,
    "empty rings": head(3, PARTS) + bytes(4) * PARTS,
    "rings of a collection": head(7, 4) + (head(3, PARTS // 4) + bytes(PARTS)) * 4,
}


@pytest.mark.parametrize("wkb", HUGE.values(), ids=HUGE)
def test_a_shape_of_too_many_parts_is_poison(wkb: bytes) -> None:
    """15 MB of empty shapes took 700 MB: forty times what their record was let in for."""
    with pytest.raises(PoisonError, match="more than 250000 points") as caught:
        geojson_of_parts({"wkb": wkb}, Losses().add)
    assert caught.value.reason == "undecodable"

"""Well-known binary (WKB, and PostGIS' EWKB) → GeoJSON. Imports the domain's values.

Kinds and layout: OGC Simple Features 06-103r4 §8.2; flags for Z, M and SRID: PostGIS' EWKB. The
system of reference is not converted: where it is known it is kept as the member `srid`.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any, Final

from consumer.decode.losses import Lose, Loss
from consumer.decode.poison import PoisonReason, poison
from consumer.domain.events import Value

_MAX_DEPTH: Final = 8
_MAX_PARTS: Final = 250_000
"""Points, rings and shapes of one value: they take some 64 MB, ten to forty times their bytes."""
_MIN_PART_BYTES: Final = 4  # of an empty ring; all others take more
_HAS_Z, _HAS_M, _HAS_SRID = 0x8000_0000, 0x4000_0000, 0x2000_0000
_PARTS: Final = {
    4: "Point",
    5: "LineString",
    6: "Polygon",
    11: "LineString",  # MultiCurve and MultiSurface, as long as nothing in them is bent
    12: "Polygon",
    15: "Polygon",  # PolyhedralSurface and TIN: faces side by side
    16: "Polygon",
}
"""What shapes of several consist of."""
_WGS_84: Final = 4326  # what GeoJSON means without saying so


class _ShapeError(Exception):
    """The bytes are no shape that GeoJSON knows."""


def geojson_of_parts(parts: dict[str, Any], lose: Lose) -> Value:
    """Return a Geometry, Geography or Point as GeoJSON, or None if it cannot be said in it.

    Raises PoisonError for one that is too large.
    """
    try:
        return _shape(parts)
    except (_ShapeError, struct.error):
        lose(Loss.GEOMETRY)
        return None


def circle_of_parts(parts: dict[str, Any], lose: Lose) -> Value:
    """Return a circle, for which GeoJSON has no word: its center's coordinates and its radius."""
    center = parts["center"]
    try:
        coordinates = _coordinates((center.get("x"), center.get("y")))
        (radius,) = _coordinates((parts["radius"],))
    except _ShapeError:
        lose(Loss.GEOMETRY)
        return None
    return {"center": coordinates, "radius": radius}


def line_of_parts(parts: dict[str, Any], lose: Lose) -> Value:
    """Return a line without ends: the coefficients of ax + by + c = 0."""
    try:
        a, b, c = _coordinates((parts["a"], parts["b"], parts["c"]))
    except _ShapeError:
        lose(Loss.GEOMETRY)
        return None
    return {"a": a, "b": b, "c": c}


def _shape(parts: dict[str, Any]) -> dict[str, Value]:
    wkb, srid = parts.get("wkb"), parts.get("srid")
    if isinstance(wkb, bytes):
        reader = _Reader(wkb)
        shape = reader.shape(0)
        reader.expect_end()
        srid = srid or reader.srid
    else:
        shape = {"type": "Point", "coordinates": _coordinates((parts.get("x"), parts.get("y")))}
    if srid and srid != _WGS_84:
        shape["srid"] = srid
    return shape


def _coordinates(numbers: tuple[Any, ...]) -> list[Value]:
    if not all(isinstance(number, float) and math.isfinite(number) for number in numbers):
        message = "an empty point"
        raise _ShapeError(message)
    return list(numbers)


@dataclass(frozen=True, slots=True)
class _Head:
    order: str
    kind: int
    dimensions: int
    kept: int
    """Of the dimensions, those that GeoJSON has a place for: a measure (M) is dropped."""


class _Reader:
    """Reads shapes one behind the other; `struct.error` at the end of the bytes.

    What all of them together may have of parts is bounded.
    """

    def __init__(self, wkb: bytes) -> None:
        self._wkb = wkb
        self._pos = 0
        self._parts_left = _MAX_PARTS
        self.srid: int | None = None

    def shape(self, depth: int) -> dict[str, Value]:
        if depth > _MAX_DEPTH:
            message = "shapes nested too deep"
            raise _ShapeError(message)
        head = self._head()
        match head.kind:
            case 1:
                return {"type": "Point", "coordinates": self._point(head)}
            case 2:
                return {"type": "LineString", "coordinates": self._points(head)}
            case 3 | 17:  # a triangle is a polygon
                return {"type": "Polygon", "coordinates": self._rings(head)}
            case 7:
                return {"type": "GeometryCollection", "geometries": [*self._shapes(head, depth)]}
            case kind if kind in _PARTS:
                return self._several(head, depth, _PARTS[kind])
            case _:
                message = "a kind of shape that GeoJSON lacks"
                raise _ShapeError(message)

    def _several(self, head: _Head, depth: int, kind: str) -> dict[str, Value]:
        shapes = self._shapes(head, depth)
        if any(shape["type"] != kind for shape in shapes):
            message = "a shape of several, among them one of another kind"
            raise _ShapeError(message)
        return {"type": f"Multi{kind}", "coordinates": [each["coordinates"] for each in shapes]}

    def expect_end(self) -> None:
        if self._pos != len(self._wkb):
            message = "bytes behind the shape"
            raise _ShapeError(message)

    def _head(self) -> _Head:
        order = "<" if self._take("B", "<")[0] else ">"
        (code,) = self._take("I", order)
        if code & _HAS_SRID:
            (self.srid,) = self._take("I", order)
        thousands, kind = divmod(code & 0x0FFF_FFFF, 1_000)  # ISO: 1000 = Z, 2000 = M, 3000 = both
        has_z = bool(code & _HAS_Z) or thousands in {1, 3}
        has_m = bool(code & _HAS_M) or thousands in {2, 3}
        return _Head(order, kind, 2 + has_z + has_m, 2 + has_z)

    def _point(self, head: _Head) -> list[Value]:
        return _coordinates(self._take(f"{head.dimensions}d", head.order)[: head.kept])

    def _points(self, head: _Head) -> list[Value]:
        return [self._point(head) for _ in self._parts(head)]

    def _rings(self, head: _Head) -> list[Value]:
        return [self._points(head) for _ in self._parts(head)]

    def _shapes(self, head: _Head, depth: int) -> list[dict[str, Value]]:
        return [self.shape(depth + 1) for _ in self._parts(head)]

    def _parts(self, head: _Head) -> range:
        """Return the announced parts. Raises PoisonError for more than memory is meant for."""
        (count,) = self._take("I", head.order)
        if count * _MIN_PART_BYTES > len(self._wkb) - self._pos:
            message = "more parts than bytes"
            raise _ShapeError(message)
        self._parts_left -= count
        if self._parts_left < 0:
            message = f"a geometry of more than {_MAX_PARTS} points, rings and shapes"
            raise poison(PoisonReason.UNDECODABLE, message)
        return range(count)

    def _take(self, format_: str, order: str) -> tuple[Any, ...]:
        layout = order + format_
        numbers = struct.unpack_from(layout, self._wkb, self._pos)
        self._pos += struct.calcsize(layout)
        return numbers

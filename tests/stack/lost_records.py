"""A broker that has lost the ends of its logs, as a leader does that was not in sync."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Final

from tests.stack.places import Part, StackError
from tests.stack.stack import Stack

_BATCH: Final = struct.Struct(">qi")
"""How a batch begins: its first offset, and how many bytes follow."""
_RECOVERED: Final = ("*.index", "*.timeindex", "*.snapshot")
"""What the broker makes again from the log itself."""
_POINTS: Final = ("recovery-point-offset-checkpoint", "replication-offset-checkpoint")


def lose_last_batches(stack: Stack, topic: str) -> list[int]:
    """Cut the last batch off each partition while the broker is down; return where they end now.

    Connect must not run: it would go on writing with what it knows of its producer.
    """
    stack.stop(Part.KAFKA)
    data = stack.folders.data(Part.KAFKA)
    ends = [_cut(folder) for folder in sorted(data.glob(f"{topic}-[0-9]"))]
    (data / ".kafka_cleanshutdown").unlink(missing_ok=True)
    for number, end in enumerate(ends):
        for name in _POINTS:
            _set_back(data / name, f"{topic} {number} ", end)
    stack.start(Part.KAFKA)
    return ends


def _cut(folder: Path) -> int:
    (log,) = folder.glob("*.log")
    content, at, last, end = log.read_bytes(), 0, 0, 0
    while at < len(content):
        end, size = _BATCH.unpack_from(content, at)
        last, at = at, at + _BATCH.size + size
    if not content:
        raise StackError(f"{log} holds nothing that could be lost")
    log.write_bytes(content[:last])
    for pattern in _RECOVERED:
        for file in folder.glob(pattern):
            file.unlink()
    return end


def _set_back(file: Path, start: str, end: int) -> None:
    lines = file.read_text().split("\n")
    file.write_text("\n".join(f"{start}{end}" if x.startswith(start) else x for x in lines))

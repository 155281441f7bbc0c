"""One JSON object per line: UTC timestamp, level, event, fields. Imports structlog.

Fields that could carry data of a row or a credential are refused by name, whatever they hold;
lines of libraries come through the same door, with every URL cut down to its host.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, MutableMapping
from typing import Any, Final, TextIO

import structlog

from consumer.observe.encoding import to_json
from consumer.observe.events import Event, Level

FORBIDDEN: Final = frozenset(
    {
        "api_key",
        "args",
        "authorization",
        "body",
        "document_id",
        "headers",
        "key",
        "password",
        "payload",
        "row",
        "secret",
        "token",
        "uri",
        "url",
        "value",
    }
)
"""Field names that are never logged."""

HIDDEN: Final = "***"
_URL: Final = re.compile(r"(https?://)(?:[^/\s@]*@)?([^/\s?#]+)[^\s\"']*")

_VARYING: Final = re.compile(r"[0-9]+")
_KIND_CHARACTERS: Final = 100
_MOST_ALIKE: Final = 3
_ALIKE_SECONDS: Final = 60.0
"""Of lines that differ in numbers only, so many are written in so many seconds."""

Fields = MutableMapping[str, Any]
CountLine = Callable[[str], None]
"""Told the level of each line that is written."""


def hide_forbidden(_logger: object, _method: str, fields: Fields) -> Fields:
    """Replace what stands under a forbidden name, at any depth of mappings and lists."""
    return {name: HIDDEN if name in FORBIDDEN else _hidden(value) for name, value in fields.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return hide_forbidden(None, "", value)
    if isinstance(value, list | tuple):
        return [_hidden(part) for part in value]
    return value


def without_urls(text: str) -> str:
    """Return the text with every URL cut after its host: paths and queries carry signatures."""
    return _URL.sub(r"\1\2/…", text)


def to_line(_logger: object, _method: str, fields: Fields) -> str:
    """Return the line; whatever is in the fields, there is one."""
    first = {name: fields.pop(name) for name in ("timestamp", "level", "event")}
    return to_json(first | dict(fields)).decode()


def open_log(
    level: str = "info", stream: TextIO | None = None, count: CountLine | None = None
) -> Callable[[Event], None]:
    """Return where events are written: `stream`, by default standard error.

    `level` is the quietest level that is written. `count` is told each line's level.
    """

    def counted(_logger: object, method: str, fields: Fields) -> Fields:
        if count is not None:
            count(method)
        return fields

    logger = structlog.wrap_logger(
        structlog.PrintLogger(stream or sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            counted,
            hide_forbidden,
            to_line,
        ],
    )

    def write(event: Event) -> None:
        getattr(logger, event.level.value)(event.name, **event.fields)

    return write


class LibraryLines(logging.Handler):
    """Lets warnings of libraries through the same door, as `library_warned`, without URLs."""

    def __init__(
        self, write: Callable[[Event], None], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Write to what `open_log` returned."""
        super().__init__(logging.WARNING)
        self._write = write
        self._monotonic = monotonic
        self._until = 0.0
        self._counts: Counter[tuple[str, str]] = Counter()
        self._before: Counter[tuple[str, str]] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line, unless there were alike ones; arguments are seen in the message only.

        Never above a warning: what must be acted on is said by an event of our own, and a client
        that cannot connect says so twenty times a second (seen).
        """
        message = without_urls(record.getMessage())
        alike = (record.name, _VARYING.sub("", message)[:_KIND_CHARACTERS])
        if self._monotonic() >= self._until:
            self._until = self._monotonic() + _ALIKE_SECONDS
            self._before, self._counts = self._counts, Counter()
        self._counts[alike] += 1
        if self._counts[alike] > _MOST_ALIKE:
            return
        fields: dict[str, Any] = {"logger": record.name, "message": message}
        if (left_out := self._before.pop(alike, 0) - _MOST_ALIKE) > 0:
            fields["left_out"] = left_out
        self._write(Event("library_warned", Level.WARNING, fields))


def adopt_library_lines(write: Callable[[Event], None]) -> None:
    """Make `write` the only place where lines of libraries go; their debug lines are dropped."""
    logging.basicConfig(level=logging.WARNING, handlers=[LibraryLines(write)], force=True)

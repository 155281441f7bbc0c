"""Where in its source's log a streamed change lies, by connector. Imports the domain.

Only what rises along the whole stream, whatever transactions run side by side: Debezium emits them
in the order of their commits. So PostgreSQL's place begins with the commit before its transaction:
among 96,654 changes of four sessions the LSN alone went back 9,895 times, this pair exactly where
a killed connector began again (Debezium 3.7). MariaDB's was seen to do the same; of the connectors
that were not run, the commit alone is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from consumer.domain.events import SourcePosition

_STREAMED: Final = (None, "false", False)
"""`source.snapshot` of what is no snapshot's: null and booleans come from old releases."""
_SEQUENCE: Final = re.compile(r'\[(?:null|"([0-9]{1,20})"),"([0-9]{1,20})"\]')
_FILE: Final = re.compile(r"(.*)\.([0-9]{1,20})")
_NUMBER: Final = re.compile(r"[0-9]{1,40}")
_LSN: Final = re.compile(r"[0-9a-fA-F:]{1,64}")

_Get = Callable[[str], Any]
"""Returns a field of `source`, `None` if it is not there."""
_Place = tuple[tuple[int | str, ...], tuple[int | str, ...]]
"""What tells this log from others of the connector, and the place in it."""


def position_in(source: Mapping[str, Any]) -> SourcePosition | None:
    """Return the place of a streamed change; `None` for snapshots and where nothing can be told."""
    get = source.get
    connector, name = get("connector"), get("name")
    if get("snapshot") not in _STREAMED or not isinstance(connector, str):
        return None
    find = _BY_CONNECTOR.get(connector)
    found = find(get) if find is not None else None
    if found is None:
        return None
    log, place = found
    return SourcePosition((connector, name if isinstance(name, str) else "", *log), place)


def _postgres(get: _Get) -> _Place | None:
    """`sequence` is `["last commit","lsn"]`; the first is null until a connector saw a commit.

    That is before every other: a connector that was killed before it stored an offset begins with
    it again, and all that it had sent comes twice.
    """
    sequence = get("sequence")
    match = _SEQUENCE.fullmatch(sequence) if isinstance(sequence, str) else None
    return None if match is None else ((), (int(match[1] or 0), int(match[2])))


def _binlog(get: _Get) -> _Place | None:
    """Files are numbered by each server for itself; rows of one event share its position."""
    file, position, row = get("file"), get("pos"), get("row")
    match = _FILE.fullmatch(file) if isinstance(file, str) else None
    if match is None or not isinstance(position, int) or not isinstance(row, int):
        return None
    server = get("server_id")
    return (server if isinstance(server, int) else 0, match[1]), (int(match[2]), position, row)


def _commit_lsn(get: _Get) -> _Place | None:
    """Fixed-width hexadecimal text; each database has a log of its own."""
    commit = get("commit_lsn")
    if not isinstance(commit, str) or not _LSN.fullmatch(commit):
        return None
    return (str(get("db")),), (commit,)


def _commit_scn(get: _Get) -> _Place | None:
    commit = get("commit_scn")
    match = _NUMBER.fullmatch(commit) if isinstance(commit, str) else None
    return None if match is None else ((str(get("db")),), (int(match[0]),))


_BY_CONNECTOR: Final[Mapping[str, Callable[[_Get], _Place | None]]] = {
    "postgresql": _postgres,
    "mysql": _binlog,
    "mariadb": _binlog,
    "sqlserver": _commit_lsn,
    "db2": _commit_lsn,
    "oracle": _commit_scn,
}
"""By `source.connector`. Others give no place that is known to rise along a stream."""

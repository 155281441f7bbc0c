"""One scenario from an empty database to the files of its cases."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from demo.record.capture import Ends, Record
from tests.golden.record import files
from tests.golden.record.connect import Connect
from tests.golden.record.history import Looker, Row, Rows, plain, touched
from tests.golden.record.scenario import Case, Json, Scenario
from tests.golden.record.sessions import Server, Session
from tests.golden.record.topics import Topics

_MARKER: Final = "golden_marker"
_OWNER: Final = {"postgres": "postgres", "mariadb": "mysql"}


@dataclass(slots=True)
class Window:
    """Between two moments: statements, what they did to rows, and where their records lie."""

    since: Ends
    until: Ends
    before: dict[str, Rows]
    columns: dict[str, dict[str, str]]
    altered: dict[str, dict[int, dict[str, str]]] = field(default_factory=dict)
    """Table → number of a step → its columns from that step on."""
    sql: tuple[Any, ...] = ()
    steps: list[dict[str, dict[str, Row | None]]] = field(default_factory=list)


class Recorder:
    """Records one scenario."""

    def __init__(self, scenario: Scenario, endpoints: Mapping[str, str]) -> None:
        """Connect to everything."""
        self._scenario = scenario
        self._server = Server.of(scenario.database, endpoints[f"{scenario.database}_dsn"])
        self._connect = Connect(endpoints)
        named = {topic for case in scenario.cases for topic in case.topics}
        self._topics = Topics(endpoints["bootstrap_servers"], scenario.name, named)
        self._registry_url = endpoints["schema_registry_url"]
        self._sessions: dict[str, Session] = {}
        self._markers = 0
        self._offsets: dict[str, Any] = {}

    def record(self, wanted: frozenset[str]) -> list[str]:
        """Run all cases, write those that are wanted (all, if none is); return complaints."""
        self._clean()
        try:
            complaints = [*self._run(wanted)]
        finally:
            for session in self._sessions.values():
                with contextlib.suppress(Exception):
                    session.close()
            self._clean()
            self._topics.close()
        return complaints

    def _run(self, wanted: frozenset[str]) -> list[str]:
        self._create()
        self._topics.create(self._scenario.creates)
        window = self._snapshot()
        complaints = self._unclaimed(window)
        for case in self._scenario.cases:
            if case.sql:
                window = self._window(case)
                complaints += self._unclaimed(window)
            records = self._records(case, window)
            if case.records is not None and len(records) != case.records:
                complaints.append(f"{case.name}: {len(records)} records, not {case.records}")
            if not wanted or f"{case.topics[0]}/{case.name}" in wanted:
                files.write(self._about(case, window), case, records, self._registry_url)
        return complaints

    # --- the database ---------------------------------------------------------------------------

    def _create(self) -> None:
        scenario = self._scenario
        owner = self._server.session(_OWNER[scenario.database], owner=True)
        if scenario.database == "postgres":
            owner.run(f'CREATE DATABASE "{scenario.catalog}" OWNER app')
            owner.close()
            owner = self._server.session(scenario.catalog, owner=True)
        else:
            owner.run(f"CREATE DATABASE `{scenario.catalog}`")
            owner.run(f"GRANT ALL ON `{scenario.catalog}`.* TO app@'%'")
        for statement in scenario.prelude:
            owner.run(statement)
        owner.close()
        for name in (_MARKER, *scenario.tables):
            sql = scenario.tables[name].sql if name in scenario.tables else _marker_table()
            for statement in sql:
                self._session().run(statement)

    def _clean(self) -> None:
        self._connect.remove(self._scenario.name)
        owner = self._server.session(_OWNER[self._scenario.database], owner=True)
        name = self._scenario.catalog
        if self._scenario.database == "postgres":
            slot = self._scenario.name
            owner.run(
                f"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots "  # noqa: S608 - our own names
                f"WHERE slot_name = '{slot}'"
            )
            owner.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        else:
            owner.run(f"DROP DATABASE IF EXISTS `{name}`")
        owner.close()
        self._topics.delete()

    def _session(self, name: str = "a") -> Session:
        if name not in self._sessions:
            owner = name == "owner"
            self._sessions[name] = self._server.session(self._scenario.catalog, owner=owner)
        return self._sessions[name]

    def _looker(self, session: str = "a") -> Looker:
        return Looker(self._scenario.database, self._session(session))

    def _rows(self, looker: Looker) -> dict[str, Rows]:
        return {name: looker.rows(name, each) for name, each in self._scenario.tables.items()}

    def _columns(self) -> dict[str, dict[str, str]]:
        return {name: self._looker().columns(name) for name in self._scenario.tables}

    # --- windows --------------------------------------------------------------------------------

    def _snapshot(self) -> Window:
        """Register the connector; the window of what it finds."""
        before = self._rows(self._looker())
        settings = self._connect.settings(self._scenario)
        self._connect.register(self._scenario.name, settings)
        if not self._scenario.waits:
            return Window({}, self._topics.ends(), before, self._columns())
        self._mark()  # the first marker may be part of a snapshot, the second one cannot
        return Window({}, self._caught_up(), before, self._columns())

    def _window(self, case: Case) -> Window:
        """Run the steps of a case; the window of what they lead to."""
        first = not self._scenario.waits and not self._markers
        since = {} if first else self._topics.settled()
        looker = self._looker()
        window = Window(since, since, self._rows(looker), self._columns(), sql=case.sql)
        columns, began = window.columns, 0
        for number, step in enumerate(case.sql):
            looker = self._looker(_session_of(step))
            rows = self._rows(looker)
            self._step(step, window)
            now = {} if _is_definition(step) else self._rows(looker)
            window.steps.append({name: touched(rows[name], each) for name, each in now.items()})
            began = undone(step, number, began, window.steps)
            for name, now_columns in self._columns().items():
                if now_columns != columns[name]:
                    window.altered.setdefault(name, {})[number] = now_columns
            columns = self._columns()
        window.until = self._caught_up()
        return window

    def _step(self, step: Any, window: Window) -> None:
        """Do one thing."""
        match step:
            case str():
                self._session().run(step)
            case {"session": str(name), "sql": str(statement)}:
                self._session(name).run(statement)
            case {"await": str(topic), "records": int(count)}:
                self._topics.wait(
                    f"{count} records in {topic}",
                    lambda: self._topics.count(topic, window.since) >= count,
                )
            case {"signal": dict(document), "topic": str(topic)}:
                self._topics.signal(topic, document)
            case {"remember": str(name)}:
                self._caught_up()
                self._connect.stop(self._scenario.name)
                self._offsets[name] = self._connect.offsets(self._scenario.name)
                self._connect.resume(self._scenario.name)
            case {"rewind": str(name)}:
                self._caught_up()
                self._connect.rewind(self._scenario.name, self._offsets[name])
            case {"restart": _}:
                self._connect.restart(self._scenario.name)
            case {"settle": _}:
                self._caught_up()
            case _:
                raise ValueError(f"no such step: {step}")

    def _caught_up(self) -> Ends:
        """Wait until everything done so far has arrived; return where it ends."""
        self._mark()
        return self._topics.settled()

    def _mark(self) -> None:
        topic = self._scenario.marker_topic()
        since = self._topics.ends()
        self._markers += 1
        self._session("marker").run(f"INSERT INTO {_MARKER} VALUES ({self._markers})")  # noqa: S608 - a number
        self._topics.wait(f"a marker in {topic}", lambda: self._topics.count(topic, since) > 0)

    # --- what is kept ---------------------------------------------------------------------------

    def _records(self, case: Case, window: Window) -> list[Record]:
        found = self._topics.read(case.topics, window.since)
        until = window.until
        kept = [one for one in found if one.offset < until.get((one.topic, one.partition), 0)]
        return kept[: case.records] if case.records is not None else kept

    def _unclaimed(self, window: Window) -> list[str]:
        """Name topics that got records which no case of the window asks for."""
        scenario = self._scenario
        claimed = {topic for case in scenario.cases for topic in case.topics}
        drops = {*claimed, *scenario.drops, scenario.marker_topic()}
        grown = {at[0] for at, end in window.until.items() if end > window.since.get(at, 0)}
        strays = [name for name in grown - drops if not name.endswith(".schema-history")]
        strays = [name for name in strays if not name.startswith("__debezium-heartbeat.")]
        return [f"records in {name}, which no case claims" for name in strays]

    def _about(self, case: Case, window: Window) -> Json:
        scenario = self._scenario
        tables = scenario.tables_of(case)
        setup = [line for name in tables for line in scenario.tables[name].sql]
        about: Json = {
            "id": f"{case.topics[0]}/{case.name}",
            "says": case.says,
            "section": list(case.section),
            "scenario": scenario.name,
            "database": self._version(),
            "debezium": self._connect.debezium(scenario.database),
            "converter": scenario.converter,
            "settings": {name: text for name, text in scenario.settings.items() if text},
            "setup": setup,
            "sql": list(window.sql),
        }
        configurations = case.configurations or scenario.configurations
        if not configurations:
            return about
        about |= {"configurations": list(configurations), "history": _history(tables, window)}
        about |= {"expect": dict(case.expect)} if case.expect else {}
        about |= {"replays": True} if case.replays else {}
        return about | ({"differs": list(case.differs)} if case.differs else {})

    def _version(self) -> str:
        if self._scenario.database == "postgres":
            return "PostgreSQL " + str(self._session().run("SHOW server_version")[0][0]).split()[0]
        return "MariaDB " + str(self._session().run("SELECT version()")[0][0]).partition("-")[0]


def _history(tables: Mapping[str, Any], window: Window) -> Json:
    """Return what rows of the case's tables were, and became by each step."""
    return {
        name: {
            "key": list(table.key),
            "columns": window.columns[name],
            "before": {key: plain(row) for key, row in window.before[name].items()},
            "altered": window.altered.get(name, {}),
            "steps": [step.get(name, {}) for step in window.steps],
        }
        for name, table in tables.items()
    }


def _session_of(step: Any) -> str:
    """Return the session that sees what a step does."""
    return str(step.get("session", "a")) if isinstance(step, dict) else "a"


def _is_definition(step: Any) -> bool:
    """Return whether a step gives rows another shape, of which no event tells."""
    return isinstance(step, str) and step.split()[0] in {"ALTER", "CREATE", "DROP", "RENAME"}


def undone(step: Any, number: int, began: int, steps: list[Any]) -> int:
    """Forget what a rollback undoes; return where the transaction, or the part of it, began."""
    match step.split()[0] if isinstance(step, str) else "":
        case "BEGIN" | "SAVEPOINT":
            return number
        case "ROLLBACK":
            steps[began:] = [{} for _ in steps[began:]]
        case _:
            pass
    return began


def _marker_table() -> tuple[str, ...]:
    return (f"CREATE TABLE {_MARKER} (id int PRIMARY KEY)",)

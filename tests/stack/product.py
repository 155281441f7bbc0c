"""The program under test against the stack: its configuration, its process, its group's commits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.index import API_KEY, ORGANIZATION, Index
from tests.e2e.program import Json, Program, wait_for
from tests.e2e.stage import free_port
from tests.stack.connector import Connector
from tests.stack.stack import Endpoints
from tests.stack.topics import Topics
from tests.stack.truth import Indexed, Item


class Product:
    """`coveo-cdc run` on a connector's topics, each mapped table with a source of its own.

    Change `configuration` before `start`. Its processes share one group, whatever became of the
    one before.
    """

    def __init__(
        self, folder: Path, endpoints: Endpoints, index: Index, connector: Connector
    ) -> None:
        """Keep configurations, logs and dead letters in `folder`; nothing runs yet."""
        self.folder, self.index, self._connector = folder, index, connector
        self.group = f"group-{connector.name}"
        self.topics = Topics(endpoints.bootstrap_servers)
        self.indexed: list[Indexed] = []
        self.programs: list[Program] = []
        key_file = folder / "api-key"
        key_file.write_text(f"{API_KEY}\n", encoding="utf-8")
        self.configuration: Json = {
            "kafka": {
                "bootstrap_servers": endpoints.bootstrap_servers,
                "group_id": self.group,
                "group_protocol": "consumer",
                "poll_seconds": 0.05,
                "commit_interval_seconds": 0.5,
                "notice_seconds": 1.0,
                "settings": {"topic.metadata.refresh.interval.ms": 1_000},
            },
            "schema_registry": {"url": endpoints.registry_url},
            "coveo": {
                "organization": ORGANIZATION,
                "base_url": index.url,
                "api_key_file": str(key_file),
                "request_deadline_seconds": 5,
                "max_effect_seconds": 6,
                "quota": {"profile": "unlimited"},
            },
            "targets": {},
            "windows": {"linger_seconds": 0.2},
            "dead_letters": {"directory": str(folder / "dead-letters")},
            "server": {"host": "127.0.0.1", "port": free_port()},
            "mappings": [],
        }

    def source(self, indexed: Indexed) -> str:
        """Return the source, and target, of a table's items."""
        return f"{self._connector.name}-{indexed.table}"

    def add(self, *tables: Indexed) -> None:
        """Map tables; a program that runs already needs a restart to see them."""
        for each in tables:
            name, topic = self.source(each), self._connector.topic(each.table)
            self.index.add_source(name, secured=each.secured)
            self.configuration["targets"][name] = {"source": name, "secured": each.secured}
            mapping = {"topics": topic, "target": name, **each.mapping}
            self.configuration["mappings"].append(mapping)
            self.indexed.append(each)

    def remap(self, table: Indexed) -> None:
        """Map a table in another way; a program that runs already needs a restart to see it."""
        number = next(n for n, each in enumerate(self.indexed) if each.table == table.table)
        old = self.configuration["mappings"][number]
        kept = {key: old[key] for key in ("topics", "target")}
        self.configuration["mappings"][number] = {**kept, **table.mapping}
        self.indexed[number] = table

    def restart(self) -> Program:
        """Stop it in good order and start it again, as an operator does after a change."""
        assert self.stop() == 0
        return self.start()

    def start(self) -> Program:
        """Start it in a process of its own, and wait until it is a member of its group."""
        program = self.launch()
        program.wait_until_ready()
        return program

    def launch(self) -> Program:
        """Start it, and wait for nothing."""
        number = len(self.programs)
        config = self.folder / f"coveo-cdc-{number}.yaml"
        config.write_text(json.dumps(self.configuration, indent=1), encoding="utf-8")
        log = self.folder / f"coveo-cdc-{number}.log"
        program = Program(config, log, self.configuration["server"]["port"])
        self.programs.append(program)
        return program

    @property
    def program(self) -> Program:
        """Return the process that was started last."""
        return self.programs[-1]

    def kill(self) -> None:
        """SIGKILL."""
        self.program.kill()

    def stop(self) -> int:
        """Ask it to stop, and return the exit code."""
        return self.program.stop()

    def close(self) -> None:
        """End whatever still runs."""
        for program in self.programs:
            if program.running:
                program.kill()

    # --- what it did

    def items(self, indexed: Indexed) -> dict[str, Item]:
        """Return what is indexed of a table, by document id."""
        return self.index.items(self.source(indexed))

    def held(self, table: str, *words: str, partitions: int = 1) -> str:
        """Wait until `/status` says that partitions of a table are stuck; return what it says.

        Each must say all the `words`; the program must be alive, ready and without a traceback.
        """
        what = f"partition {self._connector.topic(table)}/"

        def said() -> list[str]:
            texts = (f"{each['why']}; {each['to_do']}" for each in self.program.stuck(what))
            return [text for text in texts if all(word in text for word in words)]

        wait_for(lambda: len(said()) >= partitions, f"{partitions} of {what} held by {words}")
        assert (self.program.get("/livez")[0], self.program.get("/readyz")[0]) == (200, 200)
        assert "Traceback" not in self.program.output()
        return said()[0]

    def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric's samples that have these labels."""
        text = self.program.get("/metrics")[1]
        samples = (
            sample
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )
        return sum(sample.value for sample in samples)

    def dead_letters(self) -> Sequence[Json]:
        """Return what was set aside, as it stands in the files."""
        files = sorted((self.folder / "dead-letters").glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    def uncommitted(self) -> dict[str, int]:
        """Return `topic/partition` → how many offsets are not committed, where any are.

        Asked of the broker, not of the program: exact as soon as nothing is written any more.
        """
        behind: dict[str, int] = {}
        for indexed in self.indexed:
            topic = self._connector.topic(indexed.table)
            committed = self.topics.committed(self.group, topic)
            for number, end in self.topics.ends(topic).items():
                missing = end - (committed[number].offset or 0)
                behind |= {f"{topic}/{number}": missing} if missing else {}
        return behind

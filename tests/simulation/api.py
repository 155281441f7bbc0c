"""A Push API without a network: containers, batches stamped on receipt, a full history."""

from __future__ import annotations

from typing import Any

import orjson

from consumer.domain.operations import DocumentId, TargetId
from tests.simulation.checks import Checks, Effect
from tests.simulation.log import Item, State, is_below
from tests.simulation.plan import VAULT
from tests.simulation.story import Violation
from tests.simulation.translator import Switches, content_of
from tests.simulation.world import World


class PushApi:
    """Applies batches in the order of their receipt."""

    def __init__(self, world: World, checks: Checks, switches: Switches) -> None:
        """Start with empty indexes."""
        self._world = world
        self._checks = checks
        self._switches = switches
        self.index: dict[Item, State] = {}
        self.stamp = 0
        self._containers: dict[str, bytes] = {}
        self._files = 0
        self._refused: dict[tuple[str, Item], tuple[int, int]] = {}

    def create(self) -> str:
        """Return the id of a new container."""
        self._files += 1
        return f"file-{self._files}"

    def store(self, file_id: str, body: bytes) -> None:
        """Keep a body in its container."""
        self._containers[file_id] = body

    def take(self, file_id: str, target: TargetId) -> tuple[Effect, ...]:
        """Return what lies in a container, read as the service reads it; it is used up then."""
        parsed = orjson.loads(self._containers.pop(file_id))
        for item in parsed["addOrUpdate"]:
            self._take_content(item)
        lists = ((parsed["addOrUpdate"], False), (parsed["delete"], True))
        whole = (
            Effect(
                (target, item["documentId"]), item["v"], item["q"], deletes, item["bad"],
                item["deleteChildren"], text=item.get("text", item["v"]),
            )
            for items, deletes in lists
            for item in items
        )  # fmt: skip
        return (*whole, *self._partial(target, parsed.get("partialUpdate", [])))

    def _partial(self, target: TargetId, entries: list[dict[str, Any]]) -> list[Effect]:
        """Put entries together by item; the same field twice is a batch that is not defined."""
        fields: dict[str, dict[str, int]] = {}
        for entry in entries:
            known = fields.setdefault(entry["documentId"], {})
            if entry["field"] in known or entry["operator"] != "fieldValueReplace":
                msg = "a field twice in one batch, or another operator"
                raise Violation("INV-5", msg, entry["documentId"])
            known[entry["field"]] = entry["value"]
        return [
            Effect((target, name), each["v"], each["q"], False, False, partial=True)  # noqa: FBT003
            for name, each in fields.items()
        ]

    def _take_content(self, item: dict[str, Any]) -> None:
        """A content is read once, and it must be the one of this version."""
        named = item.get("compressedBinaryDataFileId")
        if named is None:
            return
        wanted = content_of(item["documentId"], item["v"])
        if not self._containers.pop(named, b"").startswith(wanted):
            msg = f"{named} is not, or no longer, the content of version {item['v']}"
            raise Violation("CONTENT", msg, item["documentId"])
        self._world.seen.met("content_stored")

    def forget(self, file_id: str) -> None:
        """Drop a container that nobody is going to use."""
        self._containers.pop(file_id, None)

    def refuses(self, member: str, effects: tuple[Effect, ...]) -> bool:
        """Return whether a batch is refused as a whole, for an operation that is not valid."""
        bad = [effect for effect in effects if self._is_refused(effect)]
        if len(effects) == 1:
            for effect in bad:
                self._refused[member, effect.item] = (effect.version, effect.tenure)
        return bool(bad)

    def _is_refused(self, effect: Effect) -> bool:
        if effect.deletes and effect.item[0] == VAULT:
            return effect.bad and self._switches.stubborn
        return effect.bad

    def last_refused(
        self, member: str, target: TargetId, document_id: DocumentId
    ) -> tuple[int, int]:
        """Return version and tenure of the operation of a member last refused for an item."""
        return self._refused[member, (target, document_id)]

    def apply(self, effects: tuple[Effect, ...], how: str) -> None:
        """Stamp a batch and let it take effect."""
        self.stamp += 1
        self._checks.batch_is_defined(effects)
        for effect in sorted(effects, key=_version):
            target, document_id = effect.item
            what = "delete" if effect.deletes else "partial" if effect.partial else "upsert"
            self._world.tell(
                f"{target}:{document_id}", "api", how, what,
                f"v{effect.version}", f"tenure {effect.tenure}", f"stamp {self.stamp}",
            )  # fmt: skip
            self._checks.took_effect(effect)
            if effect.deletes:
                self._delete(effect)
            elif not effect.partial:
                self._keep(effect, effect.text)
            elif effect.item in self.index:
                self._world.seen.met("partial")
                self._keep(effect, self.index[effect.item][1])
            else:
                self._world.seen.met("partial_of_nothing")

    def _keep(self, effect: Effect, text: int) -> None:
        if text != effect.version and not effect.partial:
            self._world.seen.met("partial_joined")
        self.index[effect.item] = (effect.version, text)

    def _delete(self, effect: Effect) -> None:
        self.index.pop(effect.item, None)
        if effect.tree:
            for item in [item for item in self.index if is_below(item, effect.item)]:
                del self.index[item]


def _version(effect: Effect) -> int:
    """Deletes of a tree and below it commute, so within a batch the log's order will do."""
    return effect.version

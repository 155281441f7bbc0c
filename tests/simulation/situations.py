"""The situations that a run must have met: a simulation that never gets there proves nothing."""

from __future__ import annotations

from collections import Counter
from typing import Final

SITUATIONS: Final[dict[str, str]] = {
    "rebalance_in_flight": "a partition was revoked while a batch of it was on the wire",
    "revoke_deadline_hit": "a revoke gave up waiting for the wire",
    "revoke_lost_session": "the session ended while a revoke was waiting",
    "expired_in_flight": "a member expired with a batch on the wire",
    "zombie_turned": "an expired member went on working before it noticed",
    "zombie_commit_refused": "an expired member's commit was refused",
    "member_frozen": "a member stood still with its workers running",
    "process_frozen": "a member stood still with its workers",
    "crash_in_flight": "a member crashed with a batch on the wire",
    "crash_after_acceptance": "a member crashed between an acceptance and its commit",
    "crash_in_revoke": "a member crashed while a revoke was waiting",
    "drained": "a member was stopped and sent everything first",
    "drain_cut_short": "a member was stopped and its time was over before everything was sent",
    "clean_takeover": "a partition came from an owner that had left cleanly",
    "unclean_takeover": "a partition came from an owner that had not left cleanly",
    "effect_during_takeover_wait": "a former owner's request took effect while the new one waited",
    "takeover_behind_the_last": "a new owner began below what the former one had accepted",
    "same_owner_again": "a partition came back to the member that had it last",
    "late_effect": "a request took effect after its caller had given up",
    "late_effect_outwaited": "a request took effect late, while its lane waited for that",
    "late_effect_averted": "a waiting lane held newer operations of an id that took effect late",
    "applied_twice": "a batch was applied twice before it was answered",
    "response_lost": "a batch took effect and its answer was lost",
    "ambiguous_outcome": "an outcome was ambiguous",
    "attempt_expired": "an attempt reached its deadline between two calls",
    "retry_after_obeyed": "a Retry-After was waited for",
    "blocked_then_mended": "a lane was blocked and goes on",
    "quota_waited": "a batch waited for the quota",
    "cut": "an accepted batch was without operations of lost partitions",
    "zombie_cut": "the fence stopped a batch of a member that had noticed its expiry",
    "container_rebuilt": "an uploaded container was abandoned and built again",
    "content_stored": "a content was read out of a container of its own",
    "pushed_by_itself": "an upsert went by the call for one item",
    "deleted_by_itself": "a delete went by the call for one item",
    "content_kept": "a container was built again around contents that were stored already",
    "abandoned": "every operation of a batch belonged to lost partitions",
    "old_outcome": "an outcome of an older epoch came back",
    "split": "a refused batch was halved",
    "refused_partly_lost": "a batch was refused after some of its partitions were lost",
    "refused_alone": "a single operation was refused",
    "fallback_restored": "a refused operation's superseded one came back",
    "refused_on_secured": "a refused operation on a secured target was replaced by a delete",
    "delete_refused_on_secured": "a delete on a secured target was refused and blocked the lane",
    "refused_with_riders": "a delete was refused while tombstones rode on it",
    "poison": "a record could not be used",
    "poison_on_secured": "a record could not be used, and its item was deleted",
    "letter_late": "a dead letter was delivered late",
    "letter_of_lost_partition": "a dead letter was delivered after its partition was lost",
    "source_called_idle": "a source was called idle",
    "commit_failed": "a commit failed",
    "commit_answer_lost": "a commit succeeded and was reported as failed",
    "last_commit_failed": "the last commit of a revoked partition failed",
    "held": "records were held back",
    "budget_full": "a target took nothing more",
    "schema_waited": "a partition waited for a schema",
    "mapping_waited": "a partition waited for a mapping to be mended",
    "unreadable_waited": "a partition waited because not even a key could be read",
    "partial": "a partial update changed an item of a catalog",
    "partial_joined": "a partial update went as a part of the whole item that it came behind",
    "partial_of_nothing": "a partial update found no item",
    "superseded": "an operation superseded another one",
    "tombstone_rode": "a tombstone rode on a delete",
    "tombstone_free": "a tombstone came behind an accepted delete",
    "two_targets": "a record fed two targets",
    "sealed_by_bytes": "a window was sealed by its bytes",
    "sealed_by_count": "a window was sealed by its operations",
    "sealed_by_linger": "a window was sealed by its age",
    "sealed_by_flush": "a window was sealed by a drain",
    "oversize": "an operation was larger than a window",
    "catch_up_coalesced": "a secured window kept back what still caught up",
    "catch_up_ended_by_mark": "a partition caught up with the mark of its assignment",
    "catch_up_ended_by_end": "a log was seen to end before the mark: offsets are missing there",
    "catch_up_ended_by_budget": "a partition stopped catching up because the budget was full",
    "deletes_let_go": "a partition that waits for somebody let its deletes go",
    "suffix_repeated": "the end of a log was written again",
    "gap": "offsets were left out in a log",
    "tree": "an item was deleted with everything below it",
    "tree_conflict": "a window was sealed because its order with a tree's delete matters",
    "moved": "a row moved to another key",
    "fetch_stalled": "a broker gave nothing for a while",
}
"""Name → what it means."""


class Situations(Counter[str]):
    """How often each situation was met."""

    def met(self, name: str, times: int = 1) -> None:
        """Count a situation. KeyError if it is not in the table."""
        if name not in SITUATIONS:
            raise KeyError(name)
        self[name] += times

    def missing(self) -> list[str]:
        """Return the situations that were never met."""
        return [name for name in SITUATIONS if not self[name]]

    def table(self) -> str:
        """Return the table as text."""
        return "\n".join(f"{self[name]:>9}  {name:<28} {SITUATIONS[name]}" for name in SITUATIONS)

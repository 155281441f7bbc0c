"""What the program says about itself. Imports the domain and the pipeline's values; no edge.

The loop holds one `observer.Observer` and calls, from its own thread:

- `turn(snapshot, tally)` once per turn: publishes the `snapshot.Snapshot`, counts the `Tally`;
- `batch_resolved(summary, outcome)` for each outcome, `summary` being a `events.BatchSummary`;
- `target_changed(target, state, reason, message)`: says it once per change;
- `partitions_assigned(assigned)`, `partitions_revoked(tps)`, `partitions_lost(tps)`;
- `hold_changed(tp, wait, detail)`: `None` when the partition goes on; says it once per change;
- `commits_resolved(results)`, `record_dead_lettered(letter)`, `schema_fetch_failed(ref, message)`;
- `run_started(versions)`, `shutdown_started(cause, deadline_seconds)`,
  `shutdown_finished(exit_code)`, `run_failed(message)`.

The server (`server.StatusServer`) and the gauges read only what was published.

Metrics are named once, in `catalogue`; `docs/metrics.md` is generated from it.
"""

"""docs/metrics.md, made from the catalogue. Run as a module it writes the page. Pure data else."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from consumer.observe.catalogue import CATALOGUE, Metric

_HEAD = """# Metrics

Generated from `consumer/observe/catalogue.py` by `make docs`; a test compares the two.
Served on `/metrics` in Prometheus' text format, or OpenMetrics for whoever asks for it, together
with the usual `process_*`, `python_gc_*` and `python_info`.

Labels are closed or bounded: topics, partitions and targets are those of the configuration, all
other labels together take at most 300 words; what does not look like a word counts as `other`.
Gauges are computed at each scrape from what the loop published last, so a partition that was
revoked leaves no series behind. Why labels are named as they are:
[ADR 13](adr/0013-labels-speak-the-projects-words.md).

What the Kafka client tells of itself comes every 10 seconds (`statistics.interval.ms` in
`kafka.settings`; 0 turns it off, and these series with it) and only while the loop polls: look at
`cdc_kafka_stats_age_seconds` before you believe it. The lag is reckoned here and not taken from
there: the client says -1 for a partition without a commit, however much waits in it.

| metric | type | labels | meaning |
| --- | --- | --- | --- |
"""


NOT_YET: Final[Mapping[str, str]] = {
    "cdc_push_circuit_open": "the failure model; until then `cdc_target_state`",
    "cdc_permission_resolution_failures_total": "security identities",
    "cdc_rebuild_in_progress": "rebuilding a source",
    "cdc_rebuild_documents_total": "rebuilding a source",
    "cdc_credential_expiry_timestamp_seconds": "checks of credentials",
    "cdc_credential_reloads_total": "checks of credentials",
    "cdc_config_reloads_total": "taking over a configuration without a restart",
}
"""Names that are taken → the feature that will bring them."""

_NOT_YET = """
## Not there yet

These names are kept for features that are not built. No series has them.

| metric | comes with |
| --- | --- |
"""


def rendered() -> str:
    """Return the whole page."""
    later = "".join(f"| `{name}` | {feature} |\n" for name, feature in NOT_YET.items())
    return _HEAD + "".join(map(_row, CATALOGUE)) + _NOT_YET + later


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "none"
    return f"| `{metric.exposed_name}` | {metric.kind} | {labels} | {metric.help} |\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(rendered(), encoding="utf-8")

"""docs/metrics.md, made from the catalogue. Run as a module it writes the page."""

from __future__ import annotations

import sys
from pathlib import Path

from consumer.observe.catalogue import CATALOGUE, Metric

_HEAD = """# Metrics

Generated from `consumer/observe/catalogue.py` by `make docs`; a test compares the two.
Served on `/metrics` in Prometheus' text format, or OpenMetrics for whoever asks for it, together
with the usual `process_*`, `python_gc_*` and `python_info`.

Labels are closed or bounded: topics, partitions and targets are those of the configuration, all
other labels together take at most 300 words; what does not look like a word counts as `other`.
Gauges are computed at each scrape from what the loop published last, so a partition that was
revoked leaves no series behind.

| metric | type | labels | meaning |
| --- | --- | --- | --- |
"""


def rendered() -> str:
    """Return the whole page."""
    return _HEAD + "".join(map(_row, CATALOGUE))


def _row(metric: Metric) -> str:
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "none"
    return f"| `{metric.exposed_name}` | {metric.kind} | {labels} | {metric.help} |\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(rendered(), encoding="utf-8")

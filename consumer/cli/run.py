"""`coveo-cdc run`."""

from __future__ import annotations

from consumer import app
from consumer.cli.options import ConfigOption, loaded
from consumer.runtime.lifecycle import StopRequest


def run(config: ConfigOption) -> None:
    """Read change events and push them until SIGTERM or Ctrl-C; a second signal ends at once.

    Example: coveo-cdc run --config coveo-cdc.yaml
    """
    stop = StopRequest()
    stop.install()
    app.run(loaded(config), stop)

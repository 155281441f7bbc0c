"""What the program says about itself: log, metrics, probes, status.

The loop is given one `observer.Observer`; readers of other threads (`server.StatusServer`, the
gauges) see only what it published. Metrics are named once, in `catalogue`, from which
`docs/metrics.md` is generated; log lines are drawn up in `events`. Imports the domain, the
pipeline's closed sets and the loop's status; no edge, and nothing that talks to Kafka or Coveo.
"""

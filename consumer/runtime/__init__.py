"""The imperative shell: one loop that owns the consumer, and worker threads for HTTP."""

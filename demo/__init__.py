"""The demonstration: recorded change events of a small knowledge base, and how they were recorded."""

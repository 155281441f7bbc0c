"""The demonstration: recorded changes of a small knowledge base, and how to record them."""

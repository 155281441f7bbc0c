"""A real change-data-capture stack without containers, and the scenarios that run on it."""

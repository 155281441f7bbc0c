"""A local stand-in for the Coveo Push API.

It shares no code with `consumer/` on purpose: a misreading of the API on one side must not be
cancelled out by the same misreading on the other.
"""

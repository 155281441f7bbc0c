"""HTTP within one deadline, bounded and without a trace in logs: shared by the edges that need it.

Knows no service. Imports httpx, httpcore and the standard library.
"""

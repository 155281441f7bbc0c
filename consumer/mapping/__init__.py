"""Rows → operations: mapping documents, compiled once, applied to events. Pure.

Imports the domain; `spec` also pydantic, `expression` also CEL. Entry: `compile.compile_mappings`.
"""

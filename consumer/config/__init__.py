"""The configuration: one YAML file, single keys by environment, secrets by file.

Imports pydantic, PyYAML, the domain's errors and `mapping`. Entry: `load.load_compiled`.
"""

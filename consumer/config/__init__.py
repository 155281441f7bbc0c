"""The configuration: one YAML file, single keys by environment, secrets by file.

One round tells every mistake. pydantic checks each key (`sections`) and something right stands in
for what it refuses, so that keys can be compared (`checks`, the mappings, what the parts object
to). A problem names what it rests on, and the report leaves it out where that is wrong by itself.
So no model compares its own keys: pydantic would do so only once all of them are right.

Imports pydantic, PyYAML, the domain and `mapping`. Entry: `load.load_compiled`.
"""

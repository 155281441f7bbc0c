"""The emulator's index against what the database says, item by item and field by field."""

from __future__ import annotations

import json
from typing import Any

import httpx
import typer

from demo.expected import Index, Item

_DIFFERENCES_SHOWN = 20


def indexed(emulator_url: str, sources: list[str]) -> Index:
    """Return everything that the emulator has indexed, in the terms of `expected`."""
    return {source: _export(emulator_url, source) for source in sources}


def _export(emulator_url: str, source: str) -> dict[str, Item]:
    answer = httpx.get(f"{emulator_url}/__admin/sources/{source}/export", timeout=60)
    answer.raise_for_status()
    lines = (json.loads(line) for line in answer.text.split("\n") if line)
    return {line["documentId"]: _item(line["body"]) for line in lines}


def _item(body: dict[str, Any]) -> Item:
    fields = {name.lower(): value for name, value in body.items() if name != "documentId"}
    if "permissions" in fields:
        (permission_set,) = fields["permissions"]
        fields["permissions"] = {
            "allowed": _identities(permission_set.get("allowedPermissions", [])),
            "denied": _identities(permission_set.get("deniedPermissions", [])),
            "anonymous": permission_set["allowAnonymous"],
        }
    return fields


def _identities(listed: list[dict[str, str]]) -> list[tuple[str, str]]:
    return sorted((each["identityType"], each["identity"]) for each in listed)


def differences(expected: Index, actual: Index) -> list[str]:
    """Return what differs, one line each: items missing, items too many, fields that differ."""
    found = []
    for source, items in expected.items():
        there = actual[source]
        found += [f"{source}: {name} is missing" for name in sorted(items.keys() - there.keys())]
        found += [f"{source}: {name} is too much" for name in sorted(there.keys() - items.keys())]
        for name in sorted(items.keys() & there.keys()):
            wrong = [
                field
                for field in sorted(items[name].keys() | there[name].keys())
                if items[name].get(field) != there[name].get(field)
            ]
            if wrong:
                found.append(f"{source}: {name} differs in {', '.join(wrong)}")
    return found


def told(emulator_url: str, wanted: Index) -> int:
    """Say whether the index is as wanted, and return the exit code."""
    found = differences(wanted, indexed(emulator_url, list(wanted)))
    if found:
        typer.echo(f"the index differs from the database in {len(found)} items:", err=True)
        typer.echo("\n".join(found[:_DIFFERENCES_SHOWN]), err=True)
        return 1
    count = sum(len(items) for items in wanted.values())
    typer.echo(f"the index equals the database: {count} items, field by field")
    return 0

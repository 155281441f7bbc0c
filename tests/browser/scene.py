"""An organization worth looking at: a shop's articles, its people, a few mistakes and troubles."""

from __future__ import annotations

import json
from typing import Any

import httpx

from emulator import faults
from emulator.calls import Endpoint
from emulator.clock import ManualClock
from emulator.settings import (
    EMAIL_PROVIDER,
    PRODUCTION,
    Cascade,
    ProviderSpec,
    Settings,
    SourceSpec,
    Visibility,
)
from emulator.world import World
from tests.emulator.driver import Driver

START_MS = 1_764_000_000_000
CRM = "CRM"
ARTICLES, PEOPLE = "articles", "people"
DORA = "dora@example.com"
"""Is mapped to the CRM's `dora`, who is in the support team, which is part of the staff."""
MAX = "max@example.com"
"""A contractor: in the support team as well, but contractors are denied some articles."""
NEWS, SECRET, PRICE = "kb://articles/1", "kb://articles/2", "kb://articles/3"
_PROVIDER = ProviderSpec(CRM, type="EXPANDED", cascades=(Cascade(EMAIL_PROVIDER, EMAIL_PROVIDER),))


def settings() -> Settings:
    """Two sources, one of them secured, under the production quota."""
    return Settings(
        organization="acme",
        sources=(
            SourceSpec(ARTICLES, Visibility.SECURED, providers=(CRM,)),
            SourceSpec(PEOPLE, Visibility.SHARED),
        ),
        providers=(_PROVIDER,),
        quota=PRODUCTION,
        seed=1,
    )


def fill(world: World, clock: ManualClock) -> None:
    """Push identities and items, and let some things go wrong."""
    driver = Driver(clock, world, source=ARTICLES)
    _identities(driver)
    clock.advance(4_000)
    driver.batch([*_articles()])
    clock.advance(2_500)
    driver.source = PEOPLE
    driver.batch([_person(name) for name in ("Dora Stone", "Max Weber", "Ines Roth")])
    clock.advance(2_500)
    driver.source = ARTICLES
    driver.delete("kb://articles/9")
    driver.push("kb://articles/10", {"data": "No permissions", "title": "A draft"})
    for _ in range(212):
        driver.call(Endpoint.CREATE_FILE)
    world.turn()
    world.add_fault(faults.Status(429, retry_after=30), Endpoint.PUSH_BATCH)
    world.add_fault(faults.Delay(5.0), Endpoint.UPLOAD_FILE, plan=faults.Plan(count=None, skip=3))


def talk(base_url: str) -> None:
    """Send some requests as clients do, good and bad ones."""
    files = "/push/v1/organizations/acme/files"
    documents = f"/push/v1/organizations/acme/sources/{ARTICLES}/documents"
    with httpx.Client(base_url=base_url, headers={"Authorization": "Bearer key"}) as client:
        created = client.post(files).json()
        client.put(f"{documents}/batch", params={"fileId": created["fileId"]})
        client.put(documents, json={"data": "no id"})
        client.post(files.replace("acme", "elsewhere"))
        client.post(files, headers={"Authorization": ""})


def _identities(driver: Driver) -> None:
    _put(driver, "team", "support", [("USER", "dora"), ("USER", "max")])
    _put(driver, "team", "staff", [("GROUP", "support"), ("USER", "ines")])
    _put(driver, "team", "contractors", [("USER", "max")])
    for name, address in (("dora", DORA), ("max", MAX), ("ines", "ines@example.com")):
        mapping = {"name": address, "type": "USER", "provider": EMAIL_PROVIDER}
        _send(
            driver,
            Endpoint.PUSH_ALIAS,
            {"identity": {"name": name, "type": "USER"}, "mappings": [mapping]},
        )
    driver.world.turn()
    driver.world.cache.refresh_all(driver.clock.now_ms())
    _put(driver, "team", "managers", [("USER", "ines")])
    driver.world.turn()


def _put(driver: Driver, unit: str, name: str, members: list[tuple[str, str]]) -> None:
    identity = {"name": name, "type": "GROUP", "additionalInfo": {"unit": unit}}
    body = {
        "identity": identity,
        "members": [{"name": one, "type": kind} for kind, one in members],
        "wellKnowns": [],
    }
    _send(driver, Endpoint.PUSH_IDENTITY, body)


def _send(driver: Driver, endpoint: Endpoint, body: dict[str, Any]) -> None:
    reply = driver.send(endpoint, {}, json.dumps(body).encode(), provider=CRM)
    assert reply.status == 202, reply.body


def _articles() -> list[dict[str, Any]]:
    staff, contractors = _group("staff"), _group("contractors")
    return [
        _article(NEWS, "Opening hours in December", [_set([staff])]),
        _article(
            SECRET,
            "How complaints are handled",
            [
                _level("Exceptions", [_set([], [contractors])]),
                _level("Readers", [_set([staff]), _set([_group("support")])]),
            ],
        ),
        _article(PRICE, "Price list of the next year", [_set([_group("managers")])]),
        *(
            _article(f"kb://articles/{number}", f"Article {number}", [_set([staff])])
            for number in range(4, 10)
        ),
    ]


def _article(document_id: str, title: str, permissions: list[Any]) -> dict[str, Any]:
    return {
        "documentId": document_id,
        "title": title,
        "data": f"<h1>{title}</h1><p>What customers ask about it, and what support answers.</p>",
        "fileExtension": ".html",
        "language": "en",
        "labels": ["support", "internal"],
        "rating": 4.5,
        "permissions": permissions,
    }


def _person(name: str) -> dict[str, Any]:
    key = name.split(maxsplit=1)[0].lower()
    return {"documentId": f"people://{key}", "title": name, "data": f"{name} works here."}


def _group(name: str) -> dict[str, str]:
    return {"identity": name, "identityType": "GROUP"}


def _set(allowed: list[Any], denied: list[Any] | None = None) -> dict[str, Any]:
    return {"allowedPermissions": allowed, "deniedPermissions": denied or []}


def _level(name: str, sets: list[Any]) -> dict[str, Any]:
    return {"name": name, "permissionSets": sets}

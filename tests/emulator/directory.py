"""Pushes security identities and looks at them, for the tests about identities."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from emulator.calls import Endpoint, Reply
from emulator.identities import IdentityKey, Pushed
from emulator.settings import EMAIL_PROVIDER
from tests.emulator.driver import Driver


def user(name: str, **more: Any) -> dict[str, Any]:
    """A user as it is spelt in identity bodies."""
    return {"name": name, "type": "USER", **more}


def group(name: str, **more: Any) -> dict[str, Any]:
    """A group as it is spelt in identity bodies."""
    return {"name": name, "type": "GROUP", **more}


class Identities:
    """The identity calls of one provider."""

    def __init__(self, driver: Driver, provider: str = "CRM") -> None:
        """Push to a provider through a driver."""
        self.driver = driver
        self.provider = provider

    def send(self, endpoint: Endpoint, body: object, **query: object) -> Reply:
        """Send a body as it is."""
        text = b"" if body is None else json.dumps(body).encode()
        return self.driver.send(endpoint, query, text, provider=self.provider)

    def put(
        self,
        identity: dict[str, Any],
        members: Iterable[dict[str, Any]] = (),
        well_knowns: Iterable[dict[str, Any]] = (),
        **query: object,
    ) -> Reply:
        """Push an identity with its members."""
        body = {"identity": identity, "members": [*members], "wellKnowns": [*well_knowns]}
        return self.send(Endpoint.PUSH_IDENTITY, body, **query)

    def alias(
        self, identity: dict[str, Any], mappings: Iterable[dict[str, Any]], **query: object
    ) -> Reply:
        """Push an identity with its aliases."""
        body = {"identity": identity, "mappings": [*mappings], "wellKnowns": []}
        return self.send(Endpoint.PUSH_ALIAS, body, **query)

    def disable(self, identity: dict[str, Any], **query: object) -> Reply:
        """Delete an identity."""
        return self.send(Endpoint.DELETE_IDENTITY, {"identity": identity}, **query)

    def batch(self, body: dict[str, Any], **query: object) -> Reply:
        """Container, upload, batch call."""
        file_id = self.driver.file_with(json.dumps(body).encode())
        query = {"fileId": file_id, **query}
        return self.driver.send(Endpoint.PUSH_IDENTITY_BATCH, query, b"", provider=self.provider)

    def older_than(self, ordering_id: int, **query: object) -> Reply:
        """Disable what is older, at once."""
        query = {"orderingId": ordering_id, "queueDelay": 0, **query}
        return self.driver.send(Endpoint.DISABLE_OLDER_THAN, query, b"", provider=self.provider)

    def key(self, name: str, kind: str = "USER") -> IdentityKey:
        """Return an identity's key."""
        return self.driver.world.directory.key(self.provider, kind, name)

    def pushed(self, name: str, kind: str = "USER") -> Pushed | None:
        """Return what the store holds."""
        self.driver.world.turn()
        return self.driver.world.directory.get(self.key(name, kind))

    def members(self, name: str) -> list[str]:
        """Return the names of a group's members."""
        found = self.pushed(name, "GROUP")
        assert found is not None
        return [one.name for one in found.relations.members]

    def reasons(self) -> list[str | None]:
        """Why identity operations failed, None for those that did not, oldest first."""
        self.driver.world.turn()
        return [one.reason for one in self.driver.world.identity_log.entries]

    def refresh(self) -> None:
        """Bring the cache up to date, as a request for it does."""
        self.driver.world.turn()
        self.driver.world.cache.refresh_all(self.driver.clock.now_ms())

    def state(self, name: str, kind: str = "USER") -> str:
        """Return an identity's state in the cache."""
        self.driver.world.turn()
        return str(self.driver.world.cache.get(self.key(name, kind)).state)


def company() -> Driver:
    """`dora` and `max` are in support, support is in staff, `max` is a contractor as well."""
    driver = Driver.of()
    crm = Identities(driver)
    crm.put(group("support"), [user("dora"), user("max")])
    crm.put(group("staff"), [group("support")])
    crm.put(group("contractors"), [user("max")])
    address = {"name": "dora@example.com", "type": "USER", "provider": EMAIL_PROVIDER}
    crm.alias(user("dora"), [address])
    crm.refresh()
    driver.source = "secured"
    return driver

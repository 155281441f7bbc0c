"""Case does not count in keys, anywhere in a body (docs.coveo.com/en/78)."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emulator.calls import Endpoint
from emulator.inspection import show_item
from tests.emulator.directory import Identities, group, user
from tests.emulator.driver import Driver

ITEM = {
    "documentId": "a://1",
    "compressedBinaryData": "dGV4dA==",
    "compressionType": "UNCOMPRESSED",
    "fileExtension": ".txt",
    "title": "Title",
    "permissions": [
        {
            "name": "level",
            "permissionSets": [
                {
                    "allowAnonymous": False,
                    "allowedPermissions": [
                        {"identity": "x", "identityType": "USER", "securityProvider": "CRM"}
                    ],
                    "deniedPermissions": [],
                }
            ],
        }
    ],
}
BATCH = {
    "members": [{"identity": group("staff"), "members": [user("x")], "wellKnowns": [group("all")]}],
    "mappings": [
        {"identity": user("x"), "mappings": [user("x@h", provider="EmailSecurityProvider")]}
    ],
    "deleted": [{"identity": group("staff")}],
}


def recased(value: Any, flips: list[bool]) -> Any:
    """Return the same value with some letters of its keys in the other case."""
    if isinstance(value, list):
        return [recased(one, flips) for one in value]
    if not isinstance(value, dict):
        return value
    return {_recased(key, flips): recased(inner, flips) for key, inner in value.items()}


def _recased(key: str, flips: list[bool]) -> str:
    pairs = zip(key, [*flips, *([False] * len(key))], strict=False)
    return "".join(letter.swapcase() if flip else letter for letter, flip in pairs)


FLIPS = st.lists(st.booleans(), max_size=25)


@given(FLIPS)
def test_an_item_means_the_same_in_whatever_case_its_keys_are(flips: list[bool]) -> None:
    """Also in the permissions inside."""
    driver = Driver.of()
    driver.source = "secured"
    Identities(driver).put(user("x"))
    driver.batch_of(json.dumps(recased({"addOrUpdate": [ITEM], "delete": []}, flips)).encode())
    assert driver.reasons("a://1") == [None]
    shown = show_item(driver.world.source("secured").items["a://1"])
    assert (shown["title"], shown["compressionType"]) == ("Title", "UNCOMPRESSED")
    assert shown["permissions"] == ITEM["permissions"]


@given(FLIPS)
def test_identities_mean_the_same_in_whatever_case_their_keys_are(flips: list[bool]) -> None:
    """In every part of a batch."""
    driver = Driver.of()
    driver.send(
        Endpoint.PUSH_IDENTITY_BATCH,
        {"fileId": driver.file_with(json.dumps(recased(BATCH, flips)).encode())},
        provider="CRM",
    )
    crm = Identities(driver)
    staff, person = crm.pushed("staff", "GROUP"), crm.pushed("x")
    assert staff is not None
    assert person is not None
    assert (staff.disabled, crm.members("staff")) == (True, ["x"])
    assert [one.name for one in staff.relations.well_knowns] == ["all"]
    assert [one.provider for one in person.relations.mappings] == ["EmailSecurityProvider"]


@given(FLIPS.filter(lambda flips: any(flips[:4])))
def test_a_key_twice_in_different_case_is_wrong_everywhere(flips: list[bool]) -> None:
    """Nobody could say which of the two counts."""
    other = _recased("name", flips)
    driver = Driver.of()
    body = {"identity": {"name": "x", other: "y", "type": "USER"}}
    assert Identities(driver).send(Endpoint.PUSH_IDENTITY, body).status == 400

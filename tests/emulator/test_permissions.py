"""Item permissions: both models, and what a secured source demands."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.calls import Endpoint
from emulator.settings import EMAIL_PROVIDER, Limits, SourceSpec, Visibility
from emulator.switches import EmailIdentities, IdentityKnown, RelatedIdentities, Switches
from tests.emulator.directory import Identities, group, user
from tests.emulator.driver import ANYONE, Driver, upsert

USER = {"identity": "dora@example.com", "identityType": "User"}
GROUP = {"identity": "sales", "identityType": "GROUP", "securityProvider": "CRM"}


@pytest.fixture
def secured() -> Driver:
    """A driver that pushes to a secured source."""
    driver = Driver.of()
    driver.source = "secured"
    body = b'{"identity": {"name": "sales", "type": "GROUP"}}'
    driver.send(Endpoint.PUSH_IDENTITY, {}, body, provider="CRM")
    return driver


def levels_of(driver: Driver, permissions: object) -> Any:
    """Push permissions and return how they were understood."""
    driver.batch([upsert("a://1", permissions=permissions)])
    return driver.document("a://1")["item"]["permissions"]


def test_sets_become_one_nameless_level(secured: Driver) -> None:
    """The simplified model is the complete one with a single level."""
    sets = [{"allowAnonymous": False, "allowedPermissions": [USER], "deniedPermissions": [GROUP]}]
    user = {"identity": "dora@example.com", "identityType": "USER", "securityProvider": None}
    shown = {"allowAnonymous": False, "allowedPermissions": [user], "deniedPermissions": [GROUP]}
    assert levels_of(secured, sets) == [{"name": None, "permissionSets": [shown]}]


def test_levels_keep_their_order_and_names(secured: Driver) -> None:
    """An earlier level decides before a later one is asked."""
    levels = [
        {"name": "Owner", "permissionSets": [{"allowedPermissions": [USER]}]},
        {"name": "Folder", "permissionSets": [{"allowAnonymous": True}, {}]},
    ]
    understood = levels_of(secured, levels)
    assert [(one["name"], len(one["permissionSets"])) for one in understood] == [
        ("Owner", 1),
        ("Folder", 2),
    ]


def test_anonymous_is_off_by_default(secured: Driver) -> None:
    """A set that says nothing lets nobody in."""
    (level,) = levels_of(secured, [{"allowedPermissions": [USER]}])
    assert level["permissionSets"][0]["allowAnonymous"] is False


@pytest.mark.parametrize(
    ("sent", "understood"),
    [
        ("User", "USER"),
        ("USER", "USER"),
        ("group", "GROUP"),
        ("VirtualGroup", "VIRTUAL_GROUP"),
        ("VIRTUAL_GROUP", "VIRTUAL_GROUP"),
        ("Unknown", "UNKNOWN"),
    ],
)
def test_both_spellings_of_identity_types_are_understood(
    secured: Driver, sent: str, understood: str
) -> None:
    """Official clients send either."""
    identity = {"identity": "x", "identityType": sent}
    (level,) = levels_of(secured, [{"allowedPermissions": [identity]}])
    assert level["permissionSets"][0]["allowedPermissions"][0]["identityType"] == understood


def test_keys_of_permissions_are_case_insensitive(secured: Driver) -> None:
    """As all keys are."""
    (level,) = levels_of(secured, [{"AllowAnonymous": True, "AllowedPermissions": []}])
    assert level["permissionSets"][0]["allowAnonymous"] is True


@pytest.mark.parametrize("fields", [{}, {"permissions": None}, {"permissions": []}])
def test_a_secured_source_needs_permissions(secured: Driver, fields: dict[str, Any]) -> None:
    """Accepted, then an error while consuming; an empty array says no more than none."""
    assert secured.batch([upsert("a://1", **fields)]).status == 202
    assert secured.indexed() == []
    (entry,) = secured.document("a://1")["history"]
    assert (entry["task"], entry["result"]) == ("CONSUMING", "ERROR")
    assert entry["reason"] == "MISSING_PERMISSIONS"


def test_a_rejected_push_leaves_the_former_item(secured: Driver) -> None:
    """Also when the former one is more open than the new one was meant to be."""
    secured.batch([upsert("a://1", permissions=ANYONE, title="old")])
    secured.batch([upsert("a://1", title="new")])
    assert secured.document("a://1")["item"]["title"] == "old"


def test_other_sources_do_not_need_permissions(driver: Driver) -> None:
    """There they are kept, but mean nothing."""
    assert levels_of(driver, None) is None


@pytest.mark.parametrize(
    "permissions",
    [
        ["everyone"],
        [{"allowAnonymous": "true"}],
        [{"allowedPermissions": "dora"}],
        [{"allowedPermissions": ["dora"]}],
        [{"allowedPermissions": [{"identityType": "USER"}]}],
        [{"allowedPermissions": [{"identity": "", "identityType": "USER"}]}],
        [{"allowedPermissions": [{"identity": "x"}]}],
        [{"allowedPermissions": [{"identity": "x", "identityType": "ROBOT"}]}],
        [{"deniedPermissions": [{**USER, "securityProvider": 5}]}],
        [{"permissionSets": {}}],
        [{"permissionSets": [], "name": 5}],
        [{"permissionSets": []}, {"allowAnonymous": True}],
        [{"allowAnonymous": True, "AllowAnonymous": False}],
    ],
)
def test_permissions_that_cannot_be_understood_reject_the_item(
    secured: Driver, permissions: object
) -> None:
    """Half an access list must never count as a whole one."""
    assert secured.batch([upsert("a://1", permissions=permissions)]).status == 202
    assert secured.reasons("a://1") == ["INVALID_PERMISSIONS"]


def test_more_than_the_allowed_permissions_reject_the_item() -> None:
    """5,000 in the documentation, fewer here; allowed and denied count together."""
    driver = Driver.of(limits=Limits(max_permissions=2))
    sets = [{"allowedPermissions": [USER, USER], "deniedPermissions": [GROUP]}]
    driver.batch([upsert("a://1", permissions=sets), upsert("a://2", permissions=sets[:0])])
    assert driver.reasons("a://1") == ["TOO_MANY_PERMISSIONS"]
    assert driver.reasons("a://2") == [None]


def test_five_thousand_permissions_are_allowed(secured: Driver) -> None:
    """The documented limit, from inside."""
    many = [{"identity": f"user-{n}", "identityType": "USER"} for n in range(5_000)]
    secured.batch([upsert("a://1", permissions=[{"allowedPermissions": many}])])
    assert secured.reasons("a://1") == [None]


def test_an_identity_nobody_pushed_rejects_the_item(secured: Driver) -> None:
    """Accepted, then rejected; the detail says who."""
    unknown = {**GROUP, "identity": "nobody-knows"}
    assert (
        secured.batch([upsert("a://1", permissions=[{"deniedPermissions": [unknown]}])]).status
        == 202
    )
    (entry,) = secured.document("a://1")["history"]
    assert (entry["result"], entry["reason"]) == ("REJECTED", "UNKNOWN_IDENTITY")
    assert "GROUP 'nobody-knows'" in entry["detail"]


def test_a_member_of_a_pushed_group_is_known() -> None:
    """Naming it there creates it, unless switched otherwise."""
    dora = {"identity": "dora", "identityType": "USER", "securityProvider": "CRM"}
    for known in RelatedIdentities:
        driver = Driver.of(switches=Switches(related_identities=known))
        driver.source = "secured"
        Identities(driver).put(group("sales"), [user("dora")])
        driver.batch([upsert("a://1", permissions=[{"allowedPermissions": [dora]}])])
        expected = None if known is RelatedIdentities.KNOWN else "UNKNOWN_IDENTITY"
        assert driver.reasons("a://1") == [expected]


def test_a_member_that_no_group_names_any_more_is_unknown(secured: Driver) -> None:
    """It existed by being named."""
    dora = {"identity": "dora", "identityType": "USER", "securityProvider": "CRM"}
    crm = Identities(secured)
    for members in ([user("dora")], []):
        crm.put(group("sales"), members)
        secured.batch([upsert("a://1", permissions=[{"allowedPermissions": [dora]}])])
    assert secured.reasons("a://1") == [None, "UNKNOWN_IDENTITY"]


def test_an_email_identity_comes_into_being_when_an_item_names_it(secured: Driver) -> None:
    """Nobody pushes those; they are known from then on."""
    secured.batch([upsert("a://1", permissions=[{"allowedPermissions": [USER]}])])
    assert secured.reasons("a://1") == [None]
    assert Identities(secured, EMAIL_PROVIDER).pushed("dora@example.com") is not None


def test_an_email_identity_must_exist_if_so_switched() -> None:
    """The other reading."""
    driver = Driver.of(switches=Switches(email_identities=EmailIdentities.MUST_EXIST))
    driver.source = "secured"
    driver.batch([upsert("a://1", permissions=[{"allowedPermissions": [USER]}])])
    assert driver.reasons("a://1") == ["UNKNOWN_IDENTITY"]


def test_identities_without_provider_are_of_the_sources_first_one() -> None:
    """By the reference; the order of a source's providers matters."""
    sources = (SourceSpec("secured", Visibility.SECURED, providers=("CRM", EMAIL_PROVIDER)),)
    driver = Driver.of(sources=sources)
    driver.source = "secured"
    Identities(driver).put(user("dora"))
    for name in ("dora", "emil"):
        permissions = [{"allowedPermissions": [{"identity": name, "identityType": "User"}]}]
        driver.batch([upsert(f"a://{name}", permissions=permissions)])
    assert driver.indexed() == ["a://dora"]


def test_an_item_waits_for_the_refresh_if_so_switched() -> None:
    """Pushed is not known, then."""
    driver = Driver.of(switches=Switches(identity_known=IdentityKnown.REFRESHED))
    driver.source = "secured"
    crm = Identities(driver)
    crm.put(group("sales"))
    driver.batch([upsert("a://1", permissions=[{"allowedPermissions": [GROUP]}])])
    crm.refresh()
    driver.batch([upsert("a://1", permissions=[{"allowedPermissions": [GROUP]}])])
    assert driver.reasons("a://1") == ["UNKNOWN_IDENTITY", None]

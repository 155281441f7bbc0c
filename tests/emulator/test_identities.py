"""Security identities: what is accepted, what it overwrites, which operation counts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.calls import Endpoint
from emulator.settings import ProviderSpec
from emulator.switches import EqualOrdering, IdentityPush, Switches, UnknownProvider
from tests.emulator.directory import Identities, group, user
from tests.emulator.driver import Driver, error_of

OUT = "OUT_OF_SEQUENCE_OPERATION"
INVALID = "INVALID_IDENTITY"


@pytest.fixture
def crm(driver: Driver) -> Identities:
    """The identities of the provider CRM."""
    return Identities(driver)


def test_an_accepted_identity_gets_a_json_object(crm: Identities) -> None:
    """An official client cannot read an empty 202."""
    reply = crm.put(group("sales"), [user("dora")])
    assert (reply.status, reply.body) == (202, b"{}")


def test_a_push_overwrites_the_members(crm: Identities) -> None:
    """Those that are not listed any more are lost."""
    crm.put(group("sales"), [user("dora"), user("emil")])
    crm.put(group("sales"), [user("emil")])
    assert crm.members("sales") == ["emil"]


def test_members_and_aliases_are_two_parts_that_share_the_granted_identities(
    crm: Identities,
) -> None:
    """Hence the advice to repeat the same `wellKnowns` in both calls."""
    crm.put(user("dora"), (), [group("staff")])
    crm.alias(user("dora"), [user("dora@example.com")])
    crm.put(user("dora"), (), [group("staff")])
    found = crm.pushed("dora")
    assert found is not None
    assert [one.name for one in found.relations.mappings] == ["dora@example.com"]
    assert [one.name for one in found.relations.well_knowns] == ["staff"]


def test_a_push_overwrites_the_whole_identity_if_so_switched() -> None:
    """The other reading."""
    crm = Identities(Driver.of(switches=Switches(identity_push=IdentityPush.WHOLE)))
    crm.alias(user("dora"), [user("dora@example.com")])
    crm.put(user("dora"))
    found = crm.pushed("dora")
    assert found is not None
    assert found.relations.mappings == ()


def test_deleting_disables(crm: Identities) -> None:
    """The identity stays visible."""
    crm.put(group("sales"), [user("dora")])
    crm.disable(group("sales"))
    found = crm.pushed("sales", "GROUP")
    assert found is not None
    assert (found.disabled, crm.members("sales")) == (True, ["dora"])


def test_pushing_again_enables(crm: Identities) -> None:
    """There is no other call of the Push API for it."""
    crm.put(group("sales"))
    crm.disable(group("sales"))
    crm.put(group("sales"))
    found = crm.pushed("sales", "GROUP")
    assert found is not None
    assert not found.disabled


def test_deleting_what_is_not_there_is_rejected_later(crm: Identities) -> None:
    """With a 202 first, as everything in the queue."""
    assert crm.disable(group("sales")).status == 202
    assert crm.reasons() == ["UNKNOWN_IDENTITY"]


def test_a_lower_ordering_id_is_rejected(crm: Identities) -> None:
    """A disabled identity keeps its ordering id and guards against late pushes."""
    crm.put(group("sales"), [user("new")], orderingId=2)
    crm.put(group("sales"), [user("old")], orderingId=1)
    crm.disable(group("sales"), orderingId=3)
    crm.put(group("sales"), [user("late")], orderingId=2)
    assert crm.reasons() == [None, OUT, None, OUT]
    assert crm.members("sales") == ["new"]


def test_older_than_disables_and_becomes_a_barrier(crm: Identities) -> None:
    """Strictly lower ids are disabled, and pushes below are not let in."""
    for name, ordering_id in (("old", 1), ("same", 2)):
        crm.put(group(name), orderingId=ordering_id)
    crm.older_than(2)
    crm.put(group("late"), orderingId=1)
    states = [(one.named.name, one.disabled) for one in _all(crm)]
    assert states == [("old", True), ("same", False)]
    assert crm.reasons()[-1] == OUT


def test_older_than_waits_for_its_delay(crm: Identities) -> None:
    """Fifteen minutes unless it says something else."""
    crm.put(group("sales"), orderingId=1)
    crm.older_than(2, queueDelay=15)
    crm.driver.world.advance(899)
    assert not _all(crm)[0].disabled
    crm.driver.world.advance(1)
    assert _all(crm)[0].disabled


def test_a_batch_does_all_three(crm: Identities) -> None:
    """Members, mappings and deletions in one file, with one ordering id."""
    crm.put(group("gone"))
    body = {
        "members": [{"identity": group("sales"), "members": [user("dora")]}],
        "mappings": [{"identity": user("dora"), "mappings": [user("dora@example.com")]}],
        "deleted": [{"identity": group("gone")}],
    }
    assert crm.batch(body).status == 202
    assert crm.reasons() == [None] * 5
    found = {one.named.name: one for one in _all(crm)}
    assert found["gone"].disabled
    assert found["sales"].ordering_id == found["dora"].ordering_id


def test_one_identity_may_have_members_and_aliases_in_one_file(crm: Identities) -> None:
    """The two parts share the file's ordering id and do not contradict each other."""
    alias = [user("dora@example.com")]
    body = {
        "members": [{"identity": user("dora"), "members": [user("assistant")]}],
        "mappings": [{"identity": user("dora"), "mappings": alias}],
    }
    crm.batch(body)
    found = crm.pushed("dora")
    assert found is not None
    assert crm.reasons() == [None, None, None]
    names = [one.name for one in (*found.relations.members, *found.relations.mappings)]
    assert names == ["assistant", "dora@example.com"]


def test_bare_deleted_elements_are_tolerated(crm: Identities) -> None:
    """An official client leaves the wrapping out."""
    crm.put(group("sales"))
    crm.batch({"deleted": [group("sales")]})
    assert _all(crm)[0].disabled


def test_one_wrong_entry_does_not_spoil_a_batch(crm: Identities) -> None:
    """It is refused alone."""
    crm.batch({"members": [{"identity": {"name": "x"}}, {"identity": group("sales")}]})
    assert crm.reasons() == [INVALID, None, None]


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"members": {}}', b'{"deleted": 1}'])
def test_a_file_that_is_no_batch_fails_as_a_whole(crm: Identities, content: bytes) -> None:
    """Accepted, then seen only in the log."""
    query = {"fileId": crm.driver.file_with(content)}
    reply = crm.driver.send(Endpoint.PUSH_IDENTITY_BATCH, query, provider="CRM")
    assert reply.status == 202
    assert crm.reasons() == ["BATCH_FILE_INVALID"]


@pytest.mark.parametrize("kind", ["USER", "User", "user", "VIRTUAL_GROUP", "VirtualGroup"])
def test_both_spellings_of_types_are_understood(crm: Identities, kind: str) -> None:
    """Documentation and clients use either."""
    crm.put({"name": "x", "type": kind})
    assert _all(crm)[0].named.kind == kind.upper().replace("VIRTUALGROUP", "VIRTUAL_GROUP")


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"identity": "dora"},
        {"identity": {"name": "", "type": "USER"}},
        {"identity": {"name": "dora"}},
        {"identity": {"name": "dora", "type": "ROBOT"}},
        {"identity": user("dora"), "members": {}},
        {"identity": user("dora"), "members": ["emil"]},
        {"identity": user("dora"), "Identity": user("emil")},
        {"identity": user("dora", additionalInfo={"a": 1})},
    ],
)
def test_a_body_that_is_no_identity_is_refused_at_once(crm: Identities, body: Any) -> None:
    """A single call is read before it is queued."""
    assert error_of(crm.send(Endpoint.PUSH_IDENTITY, body)) == (400, "INVALID_JSON")


def test_keys_are_case_insensitive(crm: Identities) -> None:
    """As everywhere in the Push API."""
    body = {"Identity": {"Name": "sales", "Type": "GROUP"}, "Members": [user("dora")]}
    crm.send(Endpoint.PUSH_IDENTITY, body)
    assert crm.members("sales") == ["dora"]


def test_names_differ_by_case_unless_the_provider_says_otherwise() -> None:
    """The e-mail provider always ignores it."""
    relaxed = ProviderSpec("relaxed", case_sensitive=False)
    driver = Driver.of(providers=(ProviderSpec("strict"), relaxed))
    for provider in ("strict", "relaxed", "Email Security Provider"):
        for name in ("Dora", "dora"):
            Identities(driver, provider).put(user(name))
    counts = [len(_all(Identities(driver, one))) for one in ("strict", "relaxed")]
    assert counts == [2, 1]
    assert len(_all(Identities(driver, "Email Security Provider"))) == 1


def test_an_unknown_provider_is_a_412(driver: Driver) -> None:
    """No page says so; it is the kinder of two readings."""
    assert error_of(Identities(driver, "HR").put(user("x"))) == (412, "INVALID_PARAMETER")


def test_an_unknown_provider_is_accepted_and_lost_if_so_switched() -> None:
    """The other reading."""
    switches = Switches(unknown_provider=UnknownProvider.ACCEPT_THEN_ERROR)
    hr = Identities(Driver.of(switches=switches), "HR")
    assert hr.put(user("x")).status == 202
    assert hr.reasons() == ["UNKNOWN_PROVIDER"]


def test_identities_show_after_the_indexing_delay() -> None:
    """202 means queued here as well."""
    crm = Identities(Driver.of(indexing_delay_seconds=2))
    crm.put(group("sales"))
    assert _all(crm) == []
    crm.driver.world.advance(2)
    assert len(_all(crm)) == 1


def test_identities_of_a_batch_may_be_named_before_they_are_defined(crm: Identities) -> None:
    """Groups nest, in any order."""
    outer = {"identity": group("outer"), "members": [group("inner")]}
    crm.batch({"members": [outer, {"identity": group("inner"), "members": [user("dora")]}]})
    assert [one.named.name for one in _all(crm)] == ["inner", "outer"]


OPERATION = st.tuples(
    st.sampled_from(["put", "disable", "older"]), st.sampled_from("abc"), st.integers(1, 6)
)


@given(st.lists(OPERATION, max_size=25), st.sampled_from(EqualOrdering))
def test_ordering_rules_hold_for_any_sequence(
    operations: list[tuple[str, str, int]], equal: EqualOrdering
) -> None:
    """Against a model: the newest operation of each identity counts, and the highest barrier."""
    crm = Identities(Driver.of(switches=Switches(equal_ordering=equal)))
    model: dict[str, tuple[int, bool]] = {}
    barrier = 0
    for action, name, ordering_id in operations:
        last = model.get(name, (0, False))[0]
        new = ordering_id > last or (equal is EqualOrdering.APPLY and ordering_id == last)
        if action == "older":
            crm.older_than(ordering_id)
            model = {n: (o, off or o < ordering_id) for n, (o, off) in model.items()}
            barrier = max(barrier, ordering_id)
        elif action == "put":
            crm.put(user(name), orderingId=ordering_id)
            if new and ordering_id >= barrier:
                model[name] = (ordering_id, False)
        else:
            crm.disable(user(name), orderingId=ordering_id)
            if new and ordering_id >= barrier and name in model:
                model[name] = (ordering_id, True)
    assert {one.named.name: (one.ordering_id, one.disabled) for one in _all(crm)} == model


def _all(identities: Identities) -> list[Any]:
    """Everything that was pushed to the provider, in order of name."""
    world = identities.driver.world
    world.turn()
    provider = world.directory.providers[identities.provider]
    return [provider.identities[key] for key in sorted(provider.identities)]

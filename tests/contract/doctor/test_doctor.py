"""`coveo-cdc doctor` against an organization that is not as the configuration has it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator import faults as emulated
from emulator.calls import Endpoint
from emulator.faults import Plan
from emulator.settings import SourceSpec, Visibility
from tests.contract.doctor.office import KEY, READ_ONLY_KEY, Office
from tests.e2e.stage import free_port


def test_a_good_organization_passes(office: Office) -> None:
    """Exit code 0, whatever there is to warn of."""
    code, found = office.findings()
    assert {check for check, verdict in found.items() if verdict != "ok"} == set()
    assert code == 0


def test_doctor_only_reads(office: Office) -> None:
    """It is run against production, before anything is."""
    office.findings()
    asked = set(office.calls())
    changing = {(method, path) for method, path in asked if method != "GET"}
    assert {path for _, path in changing} == {
        "/rest/privilege/evaluate",
        "/logs/v1/organizations/acme",
    }
    assert not any("/push/" in path for _, path in asked)


def make(spec: SourceSpec) -> Callable[[Office], None]:
    """Return what puts another source behind the target `open`."""
    return lambda office: void(office.world.put_source(spec))


def void(_: object) -> None:
    """Forget a value."""


@pytest.mark.parametrize(
    ("change", "check", "about"),
    [
        (make(SourceSpec("open", Visibility.SECURED)), "source_visibility", "open"),
        (make(SourceSpec("open", push_enabled=False)), "source_enabled", "open"),
        (make(SourceSpec("open", type="CATALOG", stream_enabled=True)), "source_kind", "open"),
        (make(SourceSpec("open", type="SITECORE")), "source_owner", "open"),
        (make(SourceSpec("secured", Visibility.SECURED)), "provider", "secured: crm"),
        (make(SourceSpec("secured", Visibility.SHARED, providers=("crm",))),
         "source_visibility", "secured"),
        (lambda office: office.world.delete_source("open"), "source", "open"),
        (lambda office: office.world.delete_provider("crm"), "provider", "secured: crm"),
        (lambda office: void(office.world.fields.created.pop("price")), "field", "price"),
        (lambda office: office.world.fields.put({"name": "seen", "type": "LONG"}), "field", "seen"),
        (lambda office: office.use_key("xx-some-other-key"), "key", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_an_error_of_its_own_check(
    office: Office, change: Callable[[Office], None], check: str, about: str
) -> None:
    """Exit code 2: somebody must change something."""
    change(office)
    code, found = office.findings()
    assert found[check, about] == "error"
    assert code == 2


def test_a_key_that_may_not_push_is_found_without_pushing(office: Office) -> None:
    """Everything else is seen with it all the same."""
    office.use_key(READ_ONLY_KEY)
    code, found = office.findings()
    assert code == 2
    assert found["privilege", "SOURCE open EDIT"] == "error"
    assert found["privilege", "FIELD CREATE"] == "warning"
    assert found["source_visibility", "secured"] == found["field", ""] == "ok"


def test_a_wrong_organization_is_one_error_and_all_else_is_unknown(office: Office) -> None:
    """What follows from it is not counted against anybody."""
    configuration = office.configuration()
    configuration["coveo"]["organization"] = "acne"
    _, found = office.findings(configuration)
    errors = [check for check, verdict in found.items() if verdict == "error"]
    assert errors == [("organization", "acne")]


@pytest.mark.parametrize(
    "effect", [emulated.Status(403, None), emulated.Status(500, None), emulated.Drop()]
)
@pytest.mark.parametrize(
    ("endpoint", "checks"),
    [
        (Endpoint.READ_LIMITS, {"burst_quota", "daily_quota", "room"}),
        (Endpoint.LIST_FIELDS, {"field"}),
        (Endpoint.EVALUATE_PRIVILEGE, {"privilege"}),
    ],
)
def test_one_call_that_fails_hides_no_other_check(
    office: Office, effect: emulated.Effect, endpoint: Endpoint, checks: set[str]
) -> None:
    """Exit code 1: nothing is known to be wrong, but not everything is known."""
    office.world.add_fault(effect, endpoint, None, Plan())
    code, found = office.findings()
    unknown = {check for (check, _), verdict in found.items() if verdict == "unknown"}
    assert (code, unknown) == (1, checks)
    assert {verdict for (check, _), verdict in found.items() if check not in checks} == {"ok"}


def test_nobody_at_the_address_is_told_and_does_not_take_long(office: Office) -> None:
    """The region may be wrong, or a firewall in between."""
    configuration = office.configuration()
    configuration["coveo"]["base_url"] = f"http://127.0.0.1:{free_port()}"
    code, found = office.findings(configuration)
    about = configuration["coveo"]["base_url"]
    assert code == 2
    assert found["platform_host", about] == found["push_host", about] == "error"


def test_a_wrong_configuration_is_told_as_by_check(office: Office) -> None:
    """Nothing is asked on behalf of one that cannot work."""
    configuration = office.configuration()
    del configuration["coveo"]["organization"]
    code, out, err = office.type("doctor", configuration=configuration)
    assert (code, out) == (2, "")
    assert "coveo.organization" in err
    assert office.calls() == []


def test_the_table_says_what_to_do_and_holds_no_key(office: Office) -> None:
    """It is pasted into tickets."""
    del office.world.fields.created["price"]
    code, out, err = office.type("doctor")
    (line,) = [line for line in out.splitlines() if line.startswith("error")]
    assert line.split()[1:3] == ["field", "price"]
    assert "coveo-cdc fields plan" in line
    assert code == 2
    assert KEY not in out + err

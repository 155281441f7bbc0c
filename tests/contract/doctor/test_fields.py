"""`coveo-cdc fields plan` and `fields apply`."""

from __future__ import annotations

import json

import pytest

from emulator import faults as emulated
from emulator.calls import Endpoint
from emulator.faults import Plan
from tests.contract.doctor.office import FIELDS, READ_ONLY_KEY, Office

CREATE = "/rest/organizations/acme/indexes/fields/batch/create"


@pytest.fixture(autouse=True)
def without_fields(office: Office) -> None:
    """Begin without any field of ours."""
    for name in FIELDS:
        del office.world.fields.created[name]


def kinds(office: Office) -> dict[str, str | None]:
    """Return the types of our fields."""
    return {name: office.world.fields.type_of(name) for name in FIELDS}


def test_a_plan_shows_what_would_be_created_and_creates_nothing(office: Office) -> None:
    """A type cannot be changed afterwards: it is looked at first."""
    code, out, _ = office.type("fields", "plan")
    rows = {line.split()[0]: line.split()[1:3] for line in out.splitlines()}
    assert code == 0
    assert rows["price"] == ["create", "DOUBLE"]
    assert rows["tags"] == ["create", "STRING,"]
    assert rows["title"] == ["fits", "STRING"]
    assert set(kinds(office).values()) == {None}


def test_a_plan_as_json_has_the_bodies_that_would_be_sent(office: Office) -> None:
    """For whoever creates fields with tools of their own."""
    _, out, _ = office.type("fields", "plan", "--json")
    plans = {one["field"]: one for one in json.loads(out)["fields"]}
    assert plans["tags"]["create"] == {
        "name": "tags", "type": "STRING", "description": "Filled by coveo-cdc",
        "includeInQuery": True, "includeInResults": True, "facet": False,
        "multiValueFacet": True, "sort": False,
    }  # fmt: skip
    assert plans["title"]["create"] is None


def test_nothing_is_created_without_being_told(office: Office) -> None:
    """`apply` alone asks for --yes, before it asks Coveo anything."""
    code, _, err = office.type("fields", "apply")
    assert code == 2
    assert "--yes" in err
    assert office.calls() == []


def test_applying_creates_what_is_missing_and_then_nothing(office: Office) -> None:
    """Twice is as good as once, so that a pipeline can do it at every deployment."""
    code, out, _ = office.type("fields", "apply", "--yes")
    assert (code, kinds(office)) == (0, FIELDS)
    assert out.splitlines()[-1] == "created: price, seen, tags"
    code, out, _ = office.type("fields", "apply", "--yes")
    assert (code, out.splitlines()[-1]) == (0, "nothing to create")
    assert office.calls().count(("POST", CREATE)) == 1
    assert office.findings()[0] == 0


@pytest.mark.parametrize("effect", [emulated.LoseResponse(), emulated.Status(503, None)])
def test_a_lost_answer_and_a_passing_failure_end_well(
    office: Office, effect: emulated.Effect
) -> None:
    """What exists is looked up again, not believed."""
    office.world.add_fault(effect, Endpoint.CREATE_FIELDS, None, Plan(1))
    code, out, _ = office.type("fields", "apply", "--yes")
    assert (code, kinds(office)) == (0, FIELDS)
    assert out.splitlines()[-1] == "created: price, seen, tags"


def test_a_refusal_says_what_the_key_lacks(office: Office) -> None:
    """Exit code 2, nothing created."""
    office.use_key(READ_ONLY_KEY)
    code, _, err = office.type("fields", "apply", "--yes")
    assert code == 2
    assert "Fields - Create" in err
    assert set(kinds(office).values()) == {None}


def test_a_service_in_trouble_is_worth_another_try(office: Office) -> None:
    """Exit code 1."""
    office.world.add_fault(emulated.Status(503, None), Endpoint.LIST_FIELDS, None, Plan())
    code, _, err = office.type("fields", "plan")
    assert code == 1
    assert "503" in err


def test_a_field_that_loses_values_is_never_changed_but_told(office: Office) -> None:
    """The others are created all the same."""
    office.world.fields.put({"name": "price", "type": "DATE"})
    code, _, err = office.type("fields", "apply", "--yes")
    assert code == 2
    assert "price" in err
    assert kinds(office) == {**FIELDS, "price": "DATE"}


def test_more_fields_than_one_page_and_one_call_hold(office: Office) -> None:
    """The platform lists a thousand a page; five hundred are created at once."""
    for number in range(1_100):
        office.world.fields.put({"name": f"x{number}", "type": "STRING"})
    configuration = office.configuration()
    wanted = {f"y{number}": {"column": "c", "as": "string"} for number in range(600)}
    configuration["mappings"][0]["fields"] = {"x1099": {"column": "c", "as": "string"}, **wanted}
    code, out, _ = office.type("fields", "apply", "--yes", configuration=configuration)
    assert code == 0
    assert "created: y0" in out
    assert office.calls().count(("POST", CREATE)) == 2

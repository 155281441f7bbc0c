"""The page about doctor: its tables are what the code says."""

from __future__ import annotations

import re
from typing import Final

from consumer.cli.doctor import exit_code
from consumer.coveo.api.platform_models import Field, FieldType
from consumer.doctor.figures import NEARLY_FULL
from consumer.doctor.findings import Check, Finding, Verdict, worst
from consumer.doctor.places import SKEW_ERROR_SECONDS, SKEW_WARNING_SECONDS
from consumer.doctor.plan import TYPE_OF, Fit, planned
from consumer.doctor.sent import Kind, WantedField
from tests.docs.pages import first_column, section

PAGE: Final = "docs/doctor.md"


def cells(heading: str) -> list[list[str]]:
    """Return the rows of a section's table without its head, each as its cells."""
    lines = [line for line in section(PAGE, heading).splitlines() if line.startswith("|")]
    rows = [re.split(r" ?\| ?", line)[1:-1] for line in lines]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_check_is_explained() -> None:
    """Both ways, in the order in which they are made."""
    assert first_column(section(PAGE, "Checks")) == [check.value for check in Check]


def test_every_verdict_has_its_exit_code() -> None:
    """Scripts go by them."""
    told = {row[0].strip("`"): int(row[2]) for row in cells("Verdicts")}
    assert told == {verdict.value: exit_code(verdict) for verdict in Verdict}


def test_the_order_of_verdicts_is_that_of_the_page() -> None:
    """What outweighs what decides whether a deployment goes on."""
    named = re.findall(r"`(\w+)`", section(PAGE, "Verdicts").rpartition("in this order:")[2])
    findings = [Finding(Check.KEY, "", Verdict(name), "m") for name in named]
    assert [worst(findings[at:]).value for at in range(len(findings))] == named


def test_the_figures_are_those_of_the_code() -> None:
    """A bound that is looked up must be the one that holds."""
    text = section(PAGE, "Checks")
    assert f"more than {SKEW_ERROR_SECONDS / 60:.0f} minutes apart" in text
    assert f"from {SKEW_WARNING_SECONDS:.0f} seconds" in text
    assert f"from {NEARLY_FULL:.0%}".replace("%", " %") in text


def test_the_table_of_fields_is_what_fits() -> None:
    """Each type in each row: created, good as well, weak, or said to lose values."""
    for _, sent, created, fitting, weak in cells("Fields"):
        kind = Kind(sent)
        assert created == ("" if kind is Kind.DICTIONARY else TYPE_OF[kind].value)
        good = set(re.findall(r"[A-Z][A-Z_0-9]+", f"{created} {fitting}"))
        if fitting == "everything but VECTOR":
            good = {each.value for each in FieldType} - {"VECTOR", "UNKNOWN"}
        found = {Fit.FITS: set[str](), Fit.WEAK: set[str](), Fit.LOSES: set[str]()}
        for each in set(FieldType) - {FieldType.UNKNOWN}:
            (plan,) = planned([WantedField("f", kind)], [Field("f", each)])
            found[plan.fit].add(each.value)
        assert found[Fit.FITS] == good
        assert found[Fit.WEAK] == set(re.findall(r"[A-Z][A-Z_0-9]+", weak))
    assert {row[1] for row in cells("Fields")} == {kind.value for kind in Kind}

"""All checks in the order in which one would mend things. Pure."""

from __future__ import annotations

from consumer.coveo.answers import Answers
from consumer.doctor.figures import about_fields, about_limits
from consumer.doctor.findings import Check, Finding, Verdict
from consumer.doctor.places import about_places
from consumer.doctor.rights import about_privileges, about_providers
from consumer.doctor.sources import about_sources
from consumer.doctor.wants import Wants


def examine(wants: Wants, answers: Answers) -> tuple[Finding, ...]:
    """Return what answers mean for a configuration. Every check has its finding, whatever failed.

    That the configuration itself is good has been seen before: else there would be no `wants`.
    """
    good = Finding(Check.CONFIGURATION, "", Verdict.OK, "is good, as `check` sees it")
    return (
        good,
        *about_places(wants, answers),
        *about_privileges(wants, answers),
        *about_sources(wants, answers),
        *about_providers(wants, answers),
        *about_fields(wants, answers),
        *about_limits(wants, answers),
    )

"""What Coveo's answers mean for a configuration, check by check."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumer.coveo.answers import Answers, NotGiven
from consumer.coveo.api.platform import Privilege, Right
from consumer.coveo.api.platform_models import (
    Field,
    FieldType,
    Limit,
)
from consumer.coveo.codes import ErrorCode
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.exchange import Failure, FailureKind
from consumer.coveo.results import Declined
from consumer.doctor.examine import examine
from consumer.doctor.findings import Check, Finding, Verdict, worst
from consumer.doctor.refusals import refusal
from tests.unit.doctor.replies import (
    AT_MS,
    CUT,
    FIELDS,
    GARBLED,
    LIMITS,
    WANTS,
    answers,
    declined,
    done,
    everything,
    found,
    response,
    verdict,
)

REFUSALS: st.SearchStrategy[NotGiven] = st.one_of(
    st.builds(
        Declined,
        st.sampled_from(Endpoint),
        st.none() | st.sampled_from(ErrorCode),
        st.sampled_from([400, 401, 403, 404, 409, 412, 429, 500, 502, 504]).map(response),
    ),
    st.just(GARBLED),
    st.builds(Failure, st.sampled_from(FailureKind), st.just("fixed words"), st.just(0.1)),
)
PRIVILEGE = Privilege(Right.EDIT, "SOURCE", "src-open")
NAME = "SOURCE src-open EDIT"


def test_a_good_organization_has_nothing_to_mend() -> None:
    """And every check says so, each by itself."""
    findings = examine(WANTS, answers())
    assert {one.verdict for one in findings} == {Verdict.OK}
    assert {one.check for one in findings} == set(Check)
    assert not any(one.to_do for one in findings)


@given(REFUSALS)
def test_nothing_is_good_that_was_not_answered(given: NotGiven) -> None:
    """Whatever goes wrong, every check is there, says so, and says what to do."""
    findings = examine(WANTS, everything(given))
    assert {one.check for one in findings} == set(Check)
    reached = {Check.CONFIGURATION, Check.PLATFORM_HOST, Check.PUSH_HOST, Check.KEY, Check.CLOCK}
    good = {one.check for one in findings if one.verdict is Verdict.OK}
    assert good <= reached
    assert all(one.to_do for one in findings if one.verdict is not Verdict.OK)


PARTS: dict[str, set[Check]] = {
    "limits": {Check.BURST_QUOTA, Check.DAILY_QUOTA, Check.ROOM},
    "fields": {Check.FIELD},
    "providers": {Check.PROVIDER},
    "logs": set(),
}
SHARED = {Check.ORGANIZATION, Check.KEY, Check.CLOCK, Check.PLATFORM_HOST, Check.PUSH_HOST}
"""What every answer tells."""


@given(st.sampled_from(sorted(PARTS)), REFUSALS)
def test_one_answer_that_is_missing_hides_no_other(part: str, given: NotGiven) -> None:
    """A key that may not see limits must still learn that a source is open to everybody."""
    apart = PARTS[part] | SHARED
    denied = isinstance(given, Declined) and given.code is ErrorCode.ORGANIZATION_NOT_FOUND
    findings = examine(WANTS, answers(**{part: given}))
    others = {one.verdict for one in findings if one.check not in apart}
    assert others == {Verdict.OK} or denied
    told = {one.check for one in findings if one.verdict is not Verdict.OK}
    assert told >= PARTS[part]


@given(REFUSALS, st.sampled_from(Endpoint))
def test_every_refusal_has_its_words(given: NotGiven, endpoint: Endpoint) -> None:
    """Every code, every status, every kind of failure."""
    said = refusal(given, endpoint)
    assert said.why
    assert said.to_do


@pytest.mark.parametrize(
    ("given", "key", "organization"),
    [
        (everything(declined(401, "INVALID_TOKEN")), Verdict.ERROR, Verdict.UNKNOWN),
        (everything(declined(401)), Verdict.ERROR, Verdict.UNKNOWN),
        (everything(declined(403, "ACCESS_DENIED")), Verdict.OK, Verdict.UNKNOWN),
        (everything(declined(400, "ORGANIZATION_IS_PAUSED")), Verdict.UNKNOWN, Verdict.ERROR),
        (everything(declined(404, "ORGANIZATION_NOT_FOUND")), Verdict.UNKNOWN, Verdict.ERROR),
        (everything(Failure(FailureKind.CREDENTIALS, "no", 0)), Verdict.ERROR, Verdict.UNKNOWN),
        (everything(CUT), Verdict.UNKNOWN, Verdict.UNKNOWN),
    ],
)
def test_key_and_organization_are_told_apart(
    given: Answers, key: Verdict, organization: Verdict
) -> None:
    """They are mended by different people."""
    assert verdict(given, Check.KEY) is key
    assert verdict(given, Check.ORGANIZATION) is organization


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (CUT, Verdict.ERROR),
        (Failure(FailureKind.UNSENDABLE, "no", 0), Verdict.ERROR),
        (Failure(FailureKind.READ, "time-out", 1), Verdict.UNKNOWN),
        (Failure(FailureKind.EXPIRED, "time", 0), Verdict.UNKNOWN),
        (GARBLED, Verdict.ERROR),
        (declined(404), Verdict.ERROR),
        (declined(403), Verdict.OK),
        (declined(412, "MISSING_PARAMETER"), Verdict.OK),
    ],
)
def test_a_host_is_good_if_coveo_answers_there(given: NotGiven, expected: Verdict) -> None:
    """A refusal is an answer; a proxy's error page is none of Coveo's."""
    assert verdict(answers(logs=given), Check.PUSH_HOST) is expected
    assert verdict(answers(logs=given), Check.PLATFORM_HOST) is Verdict.OK


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, Verdict.OK), (-20, Verdict.OK), (90, Verdict.WARNING), (-90, Verdict.WARNING),
     (3_600, Verdict.ERROR), (-3_600, Verdict.ERROR)],
)  # fmt: skip
def test_a_clock_that_is_wrong_is_told(seconds: int, expected: Verdict) -> None:
    """By the `Date` of an answer against the time when it was asked."""
    at = format_datetime(datetime.fromtimestamp(AT_MS / 1000 + seconds, UTC), usegmt=True)
    given = answers(
        limits=done(LIMITS, response(date=at)),
        fields=done(FIELDS, response(date=at)),
        providers=CUT,
        logs=CUT,
        sources=dict.fromkeys(answers().sources, CUT),
        privileges=dict.fromkeys(answers().privileges, CUT),
    )
    assert verdict(given, Check.CLOCK) is expected


def test_a_privilege_that_pushing_needs_is_an_error_where_it_is_missing() -> None:
    """Others are warnings: `run` goes without them."""
    rights = {each: done(value=False) for each in answers().privileges}
    verdicts = {
        one.about: one.verdict for one in found(answers(privileges=rights), Check.PRIVILEGE)
    }
    assert verdicts == {
        NAME: Verdict.ERROR,
        "SOURCE src-secured EDIT": Verdict.ERROR,
        "ORGANIZATION VIEW": Verdict.ERROR,
        "FIELD VIEW": Verdict.WARNING,
        "FIELD CREATE": Verdict.WARNING,
        "SECURITY_PROVIDER VIEW": Verdict.WARNING,
    }


def test_privileges_in_an_unknown_organization_are_not_known_either() -> None:
    """Nobody has any there: that is not what must be mended."""
    rights = {each: done(value=False) for each in answers().privileges}
    given = answers(privileges=rights, limits=declined(404, "ORGANIZATION_NOT_FOUND"))
    assert {one.verdict for one in found(given, Check.PRIVILEGE)} == {Verdict.UNKNOWN}


def test_a_field_that_is_missing_or_loses_values_is_an_error() -> None:
    """The item is there, its field is not, and nobody is told by Coveo (docs/1546, docs/162)."""
    given = answers(fields=done((Field("price", FieldType.DATE),)))
    assert verdict(given, Check.FIELD, "price") is Verdict.ERROR
    (missing,) = found(given, Check.FIELD, "title")
    assert missing.verdict is Verdict.ERROR
    assert "fields plan" in missing.to_do


@pytest.mark.parametrize(
    ("limits", "check", "expected"),
    [
        ({"pushapi.requestsPerDay": Limit(0, 10_000)}, Check.DAILY_QUOTA, Verdict.WARNING),
        ({"pushapi.requestsPerDay": Limit(0, None)}, Check.DAILY_QUOTA, Verdict.OK),
        ({"pushapi.requestsPer5Minutes": Limit(0, 150)}, Check.BURST_QUOTA, Verdict.WARNING),
        ({}, Check.BURST_QUOTA, Verdict.WARNING),
        ({"content.numberOfItems": Limit(10, 10)}, Check.ROOM, Verdict.ERROR),
        ({"content.numberOfItems": Limit(95, 100)}, Check.ROOM, Verdict.WARNING),
        ({"content.numberOfItems": Limit(None, 100)}, Check.ROOM, Verdict.OK),
        ({}, Check.ROOM, Verdict.WARNING),
    ],
)
def test_limits_are_compared_with_the_configured_quota(
    limits: dict[str, Limit], check: Check, expected: Verdict
) -> None:
    """More than is allowed ends in 429s; a full index refuses pushes."""
    assert verdict(answers(limits=done(limits)), check) is expected


def test_fields_that_are_missing_need_room() -> None:
    """`fields apply` would be refused."""
    given = answers(
        fields=done(()), limits=done({**LIMITS, "content.numberOfFields": Limit(9, 10)})
    )
    assert verdict(given, Check.ROOM, "fields") is Verdict.ERROR


def test_one_error_outweighs_all_else() -> None:
    """The exit code is that of the worst."""
    some = [Finding(Check.KEY, "", each, "m") for each in Verdict]
    assert worst(some) is Verdict.ERROR
    assert worst(some[:3]) is Verdict.UNKNOWN
    assert worst([]) is Verdict.OK

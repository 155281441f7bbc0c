"""Hosts, key, organization, clock: what every answer tells, whatever was asked. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from consumer.coveo.answers import Answers
from consumer.coveo.codes import ErrorCode
from consumer.coveo.endpoints import Host
from consumer.coveo.exchange import Failure, FailureKind
from consumer.coveo.results import Declined, Done, Result
from consumer.coveo.service_time import service_time
from consumer.doctor.findings import Check, Finding, Verdict
from consumer.doctor.wants import Wants

SKEW_WARNING_SECONDS: Final = 30.0
"""Ours: what rests on our clock is the quota's day and the span of a query of the logs."""
SKEW_ERROR_SECONDS: Final = 300.0
"""Ours: signatures and tokens are refused beyond some minutes (15 in S3's documentation)."""
_GATEWAY: Final = frozenset({502, 503, 504})


def about_places(wants: Wants, answers: Answers) -> Iterator[Finding]:
    """Yield what is true for all calls."""
    yield _host(Check.PLATFORM_HOST, wants.platform_url, _of(Host.PLATFORM, answers))
    yield _host(Check.PUSH_HOST, wants.push_url, _of(Host.PUSH, answers))
    yield _key([result for _, result in answers.all()])
    yield _organization(wants, answers)
    yield _clock([result for _, result in answers.all()])


def _of(host: Host, answers: Answers) -> list[Result[object]]:
    return [result for who, result in answers.all() if who is host]


def _host(check: Check, url: str, results: list[Result[object]]) -> Finding:
    """Say whether Coveo answers there: a refusal is an answer, too."""
    failures = [one for one in results if isinstance(one, Failure)]
    if any(isinstance(one, Done) or _is_coveos(one) for one in results):
        return Finding(check, url, Verdict.OK, "answers")
    cut = [one for one in failures if one.kind in {FailureKind.CONNECT, FailureKind.UNSENDABLE}]
    if cut:
        message = f"cannot be reached, {cut[0].kind}: {cut[0].message}"
        to_do = "correct coveo.region, base_url or platform_url; let the firewall and DNS reach it"
        return Finding(check, url, Verdict.ERROR, message, to_do)
    if failures:
        message = f"no answer, {failures[0].kind}: {failures[0].message}"
        return Finding(check, url, Verdict.UNKNOWN, message, "ask again with more time")
    message = "something answers, but not as Coveo does"
    to_do = "see whether a proxy stands in between; correct base_url or platform_url"
    return Finding(check, url, Verdict.ERROR, message, to_do)


def _is_coveos(result: Result[object]) -> bool:
    """Return whether a refusal is Coveo's own: it names a code, or is none of a gateway's."""
    if not isinstance(result, Declined):
        return False
    return result.code is not None or result.response.status in {401, 403, 429}


def _key(results: list[Result[object]]) -> Finding:
    for one in results:
        if isinstance(one, Failure) and one.kind is FailureKind.CREDENTIALS:
            message, to_do = one.message, "put the key into coveo.api_key_file"
            return Finding(Check.KEY, "", Verdict.ERROR, message, to_do)
        if isinstance(one, Declined) and one.response.status == 401:
            code = one.code or "without a code"
            message = f"Coveo does not take the key: 401 {code}"
            to_do = "give a key that is enabled, not expired, and allowed from this address"
            return Finding(Check.KEY, "", Verdict.ERROR, message, to_do)
    if any(isinstance(one, Done) or _is_denial(one) for one in results):
        return Finding(Check.KEY, "", Verdict.OK, "is taken")
    message = "nothing was answered that shows whether the key is taken"
    return Finding(Check.KEY, "", Verdict.UNKNOWN, message, "see the findings about hosts")


def _is_denial(result: Result[object]) -> bool:
    return isinstance(result, Declined) and result.response.status == 403


def _organization(wants: Wants, answers: Answers) -> Finding:
    check, about = Check.ORGANIZATION, wants.organization
    if ErrorCode.ORGANIZATION_IS_PAUSED in answers.codes:
        to_do = "log in to its console: that wakes it"
        return Finding(check, about, Verdict.ERROR, "sleeps, and takes nothing", to_do)
    if answers.organization_unknown:
        to_do = "correct coveo.organization, or coveo.region: each region knows its own only"
        return Finding(check, about, Verdict.ERROR, "is not known there", to_do)
    if any(isinstance(one, Done) for one in answers.about_organization()):
        return Finding(check, about, Verdict.OK, "exists and is awake")
    message = "nothing was answered that shows whether it exists"
    to_do = "see the findings about hosts, key and privileges"
    return Finding(check, about, Verdict.UNKNOWN, message, to_do)


def _clock(results: list[Result[object]]) -> Finding:
    """Compare clocks by the answer whose journey leaves the least doubt."""
    skews = [skew for one in results if (skew := _skew_seconds(one)) is not None]
    if not skews:
        message = "no answer has a date"
        return Finding(Check.CLOCK, "", Verdict.UNKNOWN, message, "see the findings about hosts")
    skew = min(skews, key=abs)
    size = abs(skew)
    if size <= SKEW_WARNING_SECONDS:
        return Finding(Check.CLOCK, "", Verdict.OK, f"agrees with Coveo's to {size:.0f} s")
    behind = "behind" if skew > 0 else "ahead of"
    verdict = Verdict.ERROR if size > SKEW_ERROR_SECONDS else Verdict.WARNING
    message = f"this machine's clock is {size:.0f} s {behind} Coveo's"
    return Finding(Check.CLOCK, "", verdict, message, "have it set by NTP")


def _skew_seconds(result: Result[object]) -> float | None:
    """Return service time - ours: 0 for any moment while the call was under way.

    `Date` has whole seconds, cut off.
    """
    if isinstance(result, Failure) or result.response.asked is None:
        return None
    response, from_ms = result.response, result.response.asked.at_ms
    date_ms = service_time(response.headers)
    if date_ms is None:
        return None
    until_ms = from_ms + response.seconds * 1000
    if date_ms + 1000 < from_ms:
        return (date_ms + 1000 - from_ms) / 1000
    return max(0.0, (date_ms - until_ms) / 1000)

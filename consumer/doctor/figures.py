"""Fields and limits: is there one for everything that is sent, and room for it? Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, assert_never

from consumer.coveo.answers import Answers
from consumer.coveo.api.platform_models import Limit, Limits
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.results import Done
from consumer.doctor.findings import Check, Finding, Verdict
from consumer.doctor.plan import FieldPlan, Fit, planned, to_create
from consumer.doctor.refusals import refusal
from consumer.doctor.wants import Wants

NEARLY_FULL: Final = 0.9
_BURST: Final = re.compile(r"request.*(?:five|5)_?min")
_DAILY: Final = re.compile(r"request.*da(?:y|ily)|da(?:y|ily).*request")
_ITEMS: Final = re.compile(r"(?:numberof|max)?(?:items|documents)$")
_FIELDS: Final = re.compile(r"(?:numberof|max)?fields$")
"""No page names the limits of the platform's answer, so they are recognised by their words."""
_CONSOLE: Final = "compare with the console's page about licence and usage"


def about_fields(wants: Wants, answers: Answers) -> Iterator[Finding]:
    """Yield what does not fit, field by field, and how many do."""
    if not isinstance(answers.fields, Done):
        why = refusal(answers.fields, Endpoint.FIELDS)
        message = f"fields were not shown: {why.why}"
        yield Finding(Check.FIELD, "", Verdict.UNKNOWN, message, why.to_do)
        return
    plans = planned(wants.fields, answers.fields.value)
    fitting = sum(plan.fit is Fit.FITS for plan in plans)
    yield Finding(Check.FIELD, "", Verdict.OK, f"{fitting} of {len(plans)} fit what is sent")
    yield from (_field(plan) for plan in plans if plan.fit is not Fit.FITS)


def _field(plan: FieldPlan) -> Finding:
    name = plan.wanted.name
    by_hand = "correct the mapping, or create another field; a type cannot be changed here"
    match plan.fit:
        case Fit.CREATE:
            message = "does not exist: its values are taken, and not indexed"
            to_do = "coveo-cdc fields plan, then fields apply"
            return Finding(Check.FIELD, name, Verdict.ERROR, message, to_do)
        case Fit.BY_HAND:
            message = f"does not exist, so its values are not indexed; {plan.reason}"
            to_do = "create a dictionary field in the console"
            return Finding(Check.FIELD, name, Verdict.ERROR, message, to_do)
        case Fit.LOSES:
            return Finding(Check.FIELD, name, Verdict.ERROR, plan.reason, by_hand)
        case Fit.WEAK:
            return Finding(Check.FIELD, name, Verdict.WARNING, plan.reason, by_hand)
        case Fit.UNKNOWN:
            to_do = "look at it in the console"
            return Finding(Check.FIELD, name, Verdict.UNKNOWN, plan.reason, to_do)
        case Fit.FITS:
            return Finding(Check.FIELD, name, Verdict.OK, plan.reason)
        case _:
            assert_never(plan.fit)


def about_limits(wants: Wants, answers: Answers) -> Iterator[Finding]:
    """Yield the licence's limits against the configured quota, and what is nearly used up."""
    if not isinstance(answers.limits, Done):
        why = refusal(answers.limits, Endpoint.LIMITS)
        message = f"limits were not shown: {why.why}"
        for check in (Check.BURST_QUOTA, Check.DAILY_QUOTA, Check.ROOM):
            yield Finding(check, "", Verdict.UNKNOWN, message, why.to_do)
        return
    limits = answers.limits.value
    yield _quota(Check.BURST_QUOTA, wants.requests_per_5_minutes, _named(limits, _BURST))
    yield _quota(Check.DAILY_QUOTA, wants.requests_per_day, _named(limits, _DAILY))
    yield _room("items", _named(limits, _ITEMS), 1)
    fields = answers.fields
    if isinstance(fields, Done) and (missing := to_create(planned(wants.fields, fields.value))):
        yield _room("fields", _named(limits, _FIELDS), len(missing))


def _named(limits: Limits, wanted: re.Pattern[str]) -> Mapping[str, Limit]:
    last = {name: name.rpartition(".")[2].lower() for name in limits}
    return {name: limits[name] for name, word in last.items() if wanted.search(word)}


def _quota(check: Check, configured: int, named: Mapping[str, Limit]) -> Finding:
    allowed = [limit.allowed for limit in named.values() if limit.allowed is not None]
    if not named:
        message = f"{configured} are configured; the platform names no such limit"
        return Finding(check, "", Verdict.WARNING, message, _CONSOLE)
    if allowed and configured > min(allowed):
        message = f"{configured} requests are configured, {min(allowed)} allowed: more ends in 429"
        to_do = "lower coveo.quota to what is allowed, less what others use"
        return Finding(check, "", Verdict.WARNING, message, to_do)
    bound = f"{min(allowed)} allowed" if allowed else "no bound is named"
    return Finding(check, "", Verdict.OK, f"{configured} requests are configured, {bound}")


def _room(what: str, named: Mapping[str, Limit], needed: int) -> Finding:
    check = Check.ROOM
    bounded = [(limit.used, limit.allowed) for limit in named.values()]
    known = [(used, top) for used, top in bounded if used is not None and top is not None]
    if not named:
        message = "the platform names no such limit"
        return Finding(check, what, Verdict.WARNING, message, _CONSOLE)
    if not known:
        return Finding(check, what, Verdict.OK, "no bound is named")
    used, top = min(known, key=lambda one: one[1] - one[0])
    message = f"{used} of {top} are used"
    if used + needed > top:
        to_do = "delete what is not needed, or have the limit raised"
        return Finding(check, what, Verdict.ERROR, f"{message}: no room for more", to_do)
    if used + needed > NEARLY_FULL * top:
        to_do = "have the limit raised before it is reached: pushes are refused then"
        return Finding(check, what, Verdict.WARNING, message, to_do)
    return Finding(check, what, Verdict.OK, message)

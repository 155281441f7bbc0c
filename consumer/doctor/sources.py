"""Each target's source: there, of the right kind, nobody else's, secured as configured. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from consumer.coveo.answers import Answers
from consumer.coveo.api.platform_models import Source, SourceType, SourceVisibility
from consumer.coveo.codes import ErrorCode
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.results import Declined, Done, Result
from consumer.doctor.findings import Check, Finding, Verdict
from consumer.doctor.refusals import refusal
from consumer.doctor.wants import WantedTarget, Wants

_NOT_FOUND: Final = frozenset({404, 412})
_IN_TROUBLE: Final = frozenset({"DISABLED", "ERROR", "PAUSED"})
OF_A_SOURCE: Final = (
    Check.SOURCE_KIND,
    Check.SOURCE_OWNER,
    Check.SOURCE_ENABLED,
    Check.SOURCE_VISIBILITY,
    Check.SOURCE_STATE,
)
"""What can be said of a source only if it was shown."""


def about_sources(wants: Wants, answers: Answers) -> Iterator[Finding]:
    """Yield what the sources are, against what the configuration takes them to be."""
    for target in wants.targets:
        result = answers.sources[target.source_id]
        if isinstance(result, Done):
            yield from _about(target, result.value)
        else:
            yield from _not_shown(target, result)


def _not_shown(target: WantedTarget, result: Result[Source]) -> Iterator[Finding]:
    assert not isinstance(result, Done), "what was shown is judged elsewhere"
    about, name = target.name, f"source {target.source_id}"
    if isinstance(result, Declined) and _is_missing(result):
        message = f"{name} does not exist"
        to_do = f"correct targets.{target.name}.source; a new organization's first needs 10 minutes"
        yield Finding(Check.SOURCE, about, Verdict.ERROR, message, to_do)
    else:
        why = refusal(result, Endpoint.SOURCE)
        message = f"{name}: {why.why}"
        yield Finding(Check.SOURCE, about, Verdict.UNKNOWN, message, why.to_do)
    for check in OF_A_SOURCE:
        message = f"{name} was not shown"
        yield Finding(check, about, Verdict.UNKNOWN, message, "see the check 'source'")


def _is_missing(result: Declined) -> bool:
    return (
        result.response.status in _NOT_FOUND and result.code is not ErrorCode.ORGANIZATION_NOT_FOUND
    )


def _about(target: WantedTarget, source: Source) -> Iterator[Finding]:
    yield Finding(Check.SOURCE, target.name, Verdict.OK, f"source {source.id} exists")
    yield _kind(target, source)
    yield owner(target, source)
    yield _enabled(target, source)
    yield _visibility(target, source)
    yield _state(target, source)


def _kind(target: WantedTarget, source: Source) -> Finding:
    wanted = SourceType.CATALOG if target.catalog else SourceType.PUSH
    if source.type is wanted:
        return Finding(Check.SOURCE_KIND, target.name, Verdict.OK, f"is a {wanted} source")
    message = f"source {source.id} is of type {source.type_name or 'unknown'}, not {wanted}"
    to_do = f"give a {wanted} source, or correct targets.{target.name}.source.kind"
    return Finding(Check.SOURCE_KIND, target.name, Verdict.ERROR, message, to_do)


def owner(target: WantedTarget, source: Source) -> Finding:
    """Say whether some product of Coveo's feeds it: its ordering ids defeat ours (docs/68).

    `run` asks this, too, and refuses to write to a source of which it is known.
    """
    check, to_do = Check.SOURCE_OWNER, "never push to it: create a push source of its own"
    if source.crawling_module_id is not None:
        message = f"source {source.id} is fed by a crawling module"
        return Finding(check, target.name, Verdict.ERROR, message, to_do)
    if source.type_name is None:
        message = f"the platform does not say of which type source {source.id} is"
        to_do = "look at the source in the console"
        return Finding(check, target.name, Verdict.UNKNOWN, message, to_do)
    if source.type is SourceType.OTHER:
        message = f"source {source.id} is fed by Coveo ({source.type_name})"
        return Finding(check, target.name, Verdict.ERROR, message, to_do)
    return Finding(check, target.name, Verdict.OK, "no product of Coveo's feeds it")


def _enabled(target: WantedTarget, source: Source) -> Finding:
    check = Check.SOURCE_ENABLED
    what = "streams" if target.catalog else "pushes"
    enabled = source.stream_enabled if target.catalog else source.push_enabled
    if enabled is None:
        message = f"the platform does not say whether source {source.id} takes {what}"
        to_do = "look at the source in the console"
        return Finding(check, target.name, Verdict.UNKNOWN, message, to_do)
    if enabled:
        return Finding(check, target.name, Verdict.OK, f"takes {what}")
    message = f"source {source.id} does not take {what}"
    to_do = f"enable them on the source, or correct targets.{target.name}.source"
    return Finding(check, target.name, Verdict.ERROR, message, to_do)


def _visibility(target: WantedTarget, source: Source) -> Finding:
    """Compare with `secured`: where they differ it is a leak, or nobody sees anything (docs/78)."""
    seen, key = source.visibility, f"targets.{target.name}.secured"
    verdict, message, to_do = Verdict.OK, f"is {seen}, as `secured` says", ""
    match seen, target.secured:
        case SourceVisibility.UNKNOWN, _:
            verdict = Verdict.UNKNOWN
            message = f"the platform does not say who may see source {source.id}"
            to_do = "look at its content security in the console before anything is pushed"
        case SourceVisibility.SECURED, False:
            verdict = Verdict.ERROR
            message = f"source {source.id} is SECURED, but {key} is false: nobody sees any item"
            to_do = f"set {key} to true and map permissions, or make the source SHARED"
        case SourceVisibility.SHARED, True:
            verdict = Verdict.ERROR
            message = f"source {source.id} is SHARED, but {key} is true: everybody sees every item"
            to_do = "stop pushing; make it SECURED, which rebuilds it, or give another source"
        case SourceVisibility.PRIVATE, True:
            verdict = Verdict.ERROR
            message = f"source {source.id} is PRIVATE, but {key} is true: permissions are ignored"
            to_do = "make it SECURED, or give another source"
        case SourceVisibility.PRIVATE, False:
            verdict = Verdict.WARNING
            message = f"source {source.id} is PRIVATE: only whoever created it sees its items"
            to_do = "make it SHARED if others are to see them"
        case _:
            pass
    return Finding(Check.SOURCE_VISIBILITY, target.name, verdict, message, to_do)


def _state(target: WantedTarget, source: Source) -> Finding:
    check, state = Check.SOURCE_STATE, source.status
    if state is None:
        message = f"the platform does not say how source {source.id} is"
        return Finding(check, target.name, Verdict.WARNING, message, "look at it in the console")
    if state in _IN_TROUBLE:
        message = f"source {source.id} is {state}"
        return Finding(check, target.name, Verdict.ERROR, message, "mend it in the console")
    return Finding(check, target.name, Verdict.OK, state)

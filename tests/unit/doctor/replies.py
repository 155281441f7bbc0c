"""Answers as the platform could give them, good ones unless something is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from consumer.coveo.answers import Answers, NotGiven
from consumer.coveo.api.log_entries import LogPage
from consumer.coveo.api.platform_models import (
    Field,
    FieldType,
    Limit,
    SecurityProvider,
    Source,
    SourceType,
    SourceVisibility,
)
from consumer.coveo.codes import known_code
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.exchange import Asked, Failure, FailureKind, Response
from consumer.coveo.results import Declined, Done, Garbled, Result
from consumer.doctor.examine import examine
from consumer.doctor.findings import Check, Finding, Verdict
from consumer.doctor.sent import Kind, WantedField
from consumer.doctor.wants import WantedTarget, Wants, needs

T = TypeVar("T")

AT_MS = 1_700_000_000_000
SERVICE_DATE = "Tue, 14 Nov 2023 22:13:20 GMT"
"""The same moment."""

OPEN = WantedTarget("open", "src-open", secured=False)
SECURED = WantedTarget("secured", "src-secured", secured=True, providers=frozenset({"crm"}))
WANTS = Wants(
    organization="acme",
    platform_url="https://platform.invalid",
    push_url="https://api.invalid",
    targets=(OPEN, SECURED),
    fields=(WantedField("price", Kind.NUMBER), WantedField("title", Kind.TEXT)),
    requests_per_5_minutes=250,
    requests_per_day=15_000,
)
FIELDS = (Field("price", FieldType.DOUBLE), Field("title", FieldType.STRING))
CRM = SecurityProvider("crm", "CRM", "EXPANDED", None, ("src-secured",), ())
LIMITS = {
    "pushapi.requestsPerDay": Limit(1, 15_000),
    "pushapi.requestsPerFiveMinutes": Limit(1, 250),
    "content.numberOfItems": Limit(1, 1_000),
    "content.numberOfFields": Limit(10, 5_000),
}


def source(source_id: str, visibility: SourceVisibility = SourceVisibility.SHARED) -> Source:
    """Return a push source."""
    return Source(
        id=source_id,
        name=source_id,
        type=SourceType.PUSH,
        type_name="PUSH",
        visibility=visibility,
        push_enabled=True,
        stream_enabled=False,
        crawling_module_id=None,
        security_provider_ids=("crm",),
        status="PUSH_READY",
        items=0,
    )


def response(status: int = 200, **headers: str) -> Response:
    """Return an answer that came at once."""
    asked = Asked("GET", "/rest", AT_MS)
    return Response(status, {"date": SERVICE_DATE, **headers}, b"", 0.1, asked)


def done(value: T, given: Response | None = None) -> Done[T]:
    """Return a success."""
    return Done(value, given or response())


def declined(status: int, code: str | None = None) -> Declined:
    """Return a refusal."""
    return Declined(Endpoint.SOURCE, known_code(code), response(status))


GARBLED = Garbled(Endpoint.SOURCE, response())
CUT = Failure(FailureKind.CONNECT, "ConnectError (ECONNREFUSED)", 0.1)


def answers(**changed: Any) -> Answers:
    """Return answers under which all is well, with some of them changed."""
    good = Answers(
        sources={
            "src-open": done(source("src-open")),
            "src-secured": done(source("src-secured", SourceVisibility.SECURED)),
        },
        privileges={need.privilege: done(value=True) for need in needs(WANTS)},
        fields=done(FIELDS),
        limits=done(LIMITS),
        providers=done((CRM,)),
        logs=done(LogPage((), has_next_page=False)),
    )
    return replace(good, **changed)


def everything(given: NotGiven) -> Answers:
    """Return answers that are all alike."""
    sources: Mapping[str, Result[Source]] = dict.fromkeys(answers().sources, given)
    return answers(
        sources=sources,
        privileges=dict.fromkeys(answers().privileges, given),
        fields=given,
        limits=given,
        providers=given,
        logs=given,
    )


def open_source(changed: Source) -> Answers:
    """Return answers with another source behind the target `open`."""
    return answers(sources={**answers().sources, "src-open": done(changed)})


def found(
    given: Answers, check: Check, about: str | None = None, wants: Wants = WANTS
) -> list[Finding]:
    """Return the findings of a check, of everything or of one thing."""
    findings = examine(wants, given)
    return [one for one in findings if one.check is check and about in {None, one.about}]


def verdict(
    given: Answers, check: Check, about: str | None = None, wants: Wants = WANTS
) -> Verdict:
    """Return the verdict of the one finding of a check."""
    (one,) = found(given, check, about, wants)
    return one.verdict

"""Asks Coveo how an organization is set up: reading calls only, nothing is changed by any."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from consumer.coveo.answers import Answers, Inquiry
from consumer.coveo.api.logs import LogQuery, LogWords
from consumer.coveo.api.platform_models import Field
from consumer.coveo.client import CoveoClient
from consumer.coveo.results import Done, Result
from consumer.http.deadline import Deadline

PER_PAGE: Final = 1_000
"""Fields of one page, as Coveo's own client asks for them."""
MAX_PAGES: Final = 50
"""Ours: ten times the fields that an organization may have by default (docs/1562)."""
_CALL_SECONDS: Final = 15.0
_LOGS_SPAN: Final = timedelta(minutes=1)
"""The logs are asked only because they are what can be read at the Push API's host."""


def inquire(client: CoveoClient, inquiry: Inquiry, whole: Deadline, now: datetime) -> Answers:
    """Ask everything, one after the other, within `whole`; what it does not reach is `EXPIRED`."""
    platform = client.platform
    return Answers(
        privileges={each: platform.allows(each, _next(whole)) for each in inquiry.privileges},
        sources={each: platform.source(each, _next(whole)) for each in inquiry.source_ids},
        fields=all_fields(client, whole),
        limits=platform.limits(_next(whole)),
        providers=platform.providers(_next(whole)) if inquiry.providers else None,
        logs=client.logs.page(
            LogQuery(now - _LOGS_SPAN, now, LogWords(inquiry.source_ids[:1])),
            _next(whole),
            per_page=1,
        ),
    )


def all_fields(client: CoveoClient, whole: Deadline) -> Result[tuple[Field, ...]]:
    """Return every field of the index; the first page that is not given decides for all."""
    found: list[Field] = []
    page = 0
    while True:
        result = client.platform.fields(_next(whole), page, PER_PAGE)
        if not isinstance(result, Done):
            return result
        found += result.value.fields
        page += 1
        pages = result.value.pages
        told_last = pages is not None and page >= pages
        if told_last or len(result.value.fields) < PER_PAGE or page == MAX_PAGES:
            return Done(tuple(found), result.response)


def _next(whole: Deadline) -> Deadline:
    """Return the deadline of one call: one that hangs must leave time for the others."""
    seconds = min(_CALL_SECONDS, whole.remaining_seconds())
    return Deadline.after(seconds, whole.monotonic)

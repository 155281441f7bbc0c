"""Each target's source and its security providers, against what the configuration says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from consumer.coveo.api.platform_models import SourceType, SourceVisibility
from consumer.doctor.findings import Check, Verdict
from tests.unit.doctor.replies import (
    CRM,
    SECURED,
    WANTS,
    answers,
    declined,
    done,
    found,
    open_source,
    source,
    verdict,
)


@pytest.mark.parametrize(
    ("visibility", "secured", "expected"),
    [
        (SourceVisibility.SHARED, False, Verdict.OK),
        (SourceVisibility.SECURED, True, Verdict.OK),
        (SourceVisibility.SHARED, True, Verdict.ERROR),
        (SourceVisibility.SECURED, False, Verdict.ERROR),
        (SourceVisibility.PRIVATE, True, Verdict.ERROR),
        (SourceVisibility.PRIVATE, False, Verdict.WARNING),
        (SourceVisibility.UNKNOWN, True, Verdict.UNKNOWN),
        (SourceVisibility.UNKNOWN, False, Verdict.UNKNOWN),
    ],
)
def test_a_source_must_be_as_secured_as_configured(
    visibility: SourceVisibility,
    secured: bool,  # noqa: FBT001 - a table's column
    expected: Verdict,
) -> None:
    """A secured target on a shared source is a leak, the reverse hides everything."""
    open_, _ = WANTS.targets
    wants = replace(WANTS, targets=(replace(open_, secured=secured), SECURED))
    given = open_source(source("src-open", visibility))
    assert verdict(given, Check.SOURCE_VISIBILITY, "open", wants) is expected


@pytest.mark.parametrize(
    ("changed", "check", "expected"),
    [
        ({"type": SourceType.CATALOG}, Check.SOURCE_KIND, Verdict.ERROR),
        ({"type": SourceType.OTHER, "type_name": "SITECORE"}, Check.SOURCE_OWNER, Verdict.ERROR),
        ({"type": SourceType.OTHER}, Check.SOURCE_KIND, Verdict.ERROR),
        ({"crawling_module_id": "m"}, Check.SOURCE_OWNER, Verdict.ERROR),
        ({"push_enabled": False}, Check.SOURCE_ENABLED, Verdict.ERROR),
        ({"push_enabled": None}, Check.SOURCE_ENABLED, Verdict.UNKNOWN),
        ({"status": "PAUSED"}, Check.SOURCE_STATE, Verdict.ERROR),
        ({"status": None}, Check.SOURCE_STATE, Verdict.WARNING),
    ],
)
def test_a_source_must_take_pushes_and_be_nobody_else_s(
    changed: dict[str, Any], check: Check, expected: Verdict
) -> None:
    """On a source that a product feeds, its ordering ids defeat ours (docs/68)."""
    assert verdict(open_source(replace(source("src-open"), **changed)), check, "open") is expected


def test_a_catalog_target_wants_a_catalog_source_that_takes_streams() -> None:
    """The Stream API writes to no other."""
    open_, _ = WANTS.targets
    wants = replace(WANTS, targets=(replace(open_, catalog=True), SECURED))
    catalog = replace(source("src-open"), type=SourceType.CATALOG, stream_enabled=True)
    for check in (Check.SOURCE_KIND, Check.SOURCE_ENABLED):
        assert verdict(open_source(catalog), check, "open", wants) is Verdict.OK
        assert verdict(answers(), check, "open", wants) is Verdict.ERROR


@pytest.mark.parametrize("status", [404, 412])
def test_a_source_that_is_not_there_is_an_error(status: int) -> None:
    """And what could be said of it is not known; the other source's findings stay."""
    given = answers(sources={**answers().sources, "src-open": declined(status, "NOPE")})
    assert verdict(given, Check.SOURCE, "open") is Verdict.ERROR
    assert verdict(given, Check.SOURCE_VISIBILITY, "open") is Verdict.UNKNOWN
    assert verdict(given, Check.SOURCE_VISIBILITY, "secured") is Verdict.OK


def test_a_source_that_may_not_be_seen_is_not_said_to_be_missing() -> None:
    """403 says nothing about it."""
    given = answers(sources={**answers().sources, "src-open": declined(403, "ACCESS_DENIED")})
    (finding,) = found(given, Check.SOURCE, "open")
    assert finding.verdict is Verdict.UNKNOWN
    assert "Sources - View on this source" in finding.to_do


@pytest.mark.parametrize(
    ("providers", "references", "expected"),
    [
        ((CRM,), ("crm",), Verdict.OK),
        ((CRM,), (), Verdict.OK),
        ((replace(CRM, id="x", name="crm"),), ("x",), Verdict.OK),
        ((replace(CRM, source_ids=()),), (), Verdict.ERROR),
        ((), ("crm",), Verdict.ERROR),
    ],
)
def test_a_named_provider_must_exist_and_the_source_refer_to_it(
    providers: tuple[Any, ...], references: tuple[str, ...], expected: Verdict
) -> None:
    """Else its identities are nobody, and the items are rejected (docs/63)."""
    secured = source("src-secured", SourceVisibility.SECURED)
    sources = {
        **answers().sources,
        "src-secured": done(replace(secured, security_provider_ids=references)),
    }
    given = answers(providers=done(providers), sources=sources)
    assert verdict(given, Check.PROVIDER, "secured: crm") is expected


@pytest.mark.parametrize(
    ("references", "expected"),
    [((), Verdict.WARNING), (("crm",), Verdict.OK), (("crm", "other"), Verdict.WARNING)],
)
def test_permissions_without_a_provider_rest_on_the_source_s_first(
    references: tuple[str, ...], expected: Verdict
) -> None:
    """With several nobody here knows which it is (docs/78)."""
    wanted = replace(SECURED, providers=frozenset(), default_provider=True)
    wants = replace(WANTS, targets=(WANTS.targets[0], wanted))
    secured = replace(
        source("src-secured", SourceVisibility.SECURED), security_provider_ids=references
    )
    given = answers(providers=done(()), sources={**answers().sources, "src-secured": done(secured)})
    (finding,) = found(given, Check.PROVIDER, wants=wants)
    assert finding.verdict is expected

"""What the key may do, and who knows the identities in permissions. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from consumer.coveo.answers import Answers
from consumer.coveo.api.platform_models import SecurityProvider, Source
from consumer.coveo.endpoints import Endpoint
from consumer.coveo.results import Done, Result
from consumer.doctor.findings import Check, Finding, Verdict
from consumer.doctor.refusals import refusal
from consumer.doctor.wants import Need, WantedTarget, Wants, needs

_FIRST: Final = "the source's first provider"


def about_privileges(wants: Wants, answers: Answers) -> Iterator[Finding]:
    """Yield what the key may do, each privilege by itself."""
    known = not answers.organization_unknown
    for need in needs(wants):
        yield _privilege(need, answers.privileges[need.privilege], known=known)


def _privilege(need: Need, result: Result[bool], *, known: bool) -> Finding:
    check = Check.PRIVILEGE
    if not isinstance(result, Done):
        why = refusal(result, Endpoint.PRIVILEGE)
        message = f"{why.why}; it is needed {need.purpose}"
        return Finding(check, need.name, Verdict.UNKNOWN, message, why.to_do)
    if result.value:
        return Finding(check, need.name, Verdict.OK, f"granted; {need.purpose}")
    if not known:
        message = "nobody has it in an organization that is not known"
        to_do = "see the check 'organization'"
        return Finding(check, need.name, Verdict.UNKNOWN, message, to_do)
    verdict = Verdict.ERROR if need.required else Verdict.WARNING
    message = f"not granted; it is needed {need.purpose}"
    return Finding(check, need.name, verdict, message, "grant it to the key, or give another key")


def about_providers(wants: Wants, answers: Answers) -> Iterator[Finding]:
    """Yield for each target whether its permissions' providers exist and its source refers there.

    An identity of a provider that is not there is nobody: its items are rejected (docs/63).
    """
    for target in wants.targets:
        if not (target.providers or target.default_provider):
            continue
        source = answers.sources[target.source_id]
        given = answers.providers
        assert given is not None, "asked for whenever some target rests on providers"
        if not isinstance(given, Done):
            why = refusal(given, Endpoint.PROVIDERS)
            message = f"providers were not shown: {why.why}"
            yield Finding(Check.PROVIDER, target.name, Verdict.UNKNOWN, message, why.to_do)
        elif not isinstance(source, Done):
            message = f"source {target.source_id} was not shown, so neither are its providers"
            to_do = "see the check 'source'"
            yield Finding(Check.PROVIDER, target.name, Verdict.UNKNOWN, message, to_do)
        else:
            yield from _named(target, source.value, given.value)
            yield from _default(target, source.value, given.value)


def _named(
    target: WantedTarget, source: Source, providers: Iterable[SecurityProvider]
) -> Iterator[Finding]:
    for name in sorted(target.providers):
        about = f"{target.name}: {name}"
        found = [one for one in providers if name in {one.id, one.name}]
        if not found:
            message = "no security provider has this id or name"
            to_do = "create it, or correct 'provider' in the mapping's permissions"
            yield Finding(Check.PROVIDER, about, Verdict.ERROR, message, to_do)
        elif not any(_refers(source, one) for one in found):
            message = f"source {source.id} does not refer to it: its identities grant nothing there"
            to_do = "add it to the source's security providers"
            yield Finding(Check.PROVIDER, about, Verdict.ERROR, message, to_do)
        else:
            message = f"exists, and source {source.id} refers to it"
            yield Finding(Check.PROVIDER, about, Verdict.OK, message)


def _default(
    target: WantedTarget, source: Source, providers: Iterable[SecurityProvider]
) -> Iterator[Finding]:
    """Judge permissions without a provider: they rest on the source's first one (docs/78)."""
    if not target.default_provider:
        return
    about = f"{target.name}: {_FIRST}"
    known = {one.id for one in providers if _refers(source, one)} | {*source.security_provider_ids}
    match len(known):
        case 0:
            # What Coveo does then is not documented.
            message = f"source {source.id} refers to none: identities may be nobody's"
            to_do = "add the one that knows them, or name it in the mapping's permissions"
            yield Finding(Check.PROVIDER, about, Verdict.WARNING, message, to_do)
        case 1:
            yield Finding(Check.PROVIDER, about, Verdict.OK, f"is {next(iter(known))}")
        case several:
            message = f"source {source.id} refers to {several} providers; which is first is its own"
            to_do = "name one in 'provider' of the mapping's permissions"
            yield Finding(Check.PROVIDER, about, Verdict.WARNING, message, to_do)


def _refers(source: Source, provider: SecurityProvider) -> bool:
    """Both sides can say it: the source lists its providers, a provider who refers to it."""
    mine = {provider.id, provider.name} & {*source.security_provider_ids}
    return bool(mine) or source.id in provider.source_ids

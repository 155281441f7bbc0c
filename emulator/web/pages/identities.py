"""Security providers and their identities. Imports: the core, parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.kinds import KINDS, kind_words
from emulator.securitycache import HELD_STATES, State
from emulator.web import forms, parts
from emulator.web.addresses import identity_url, provider_url
from emulator.web.markup import NOTHING, Markup, element, join, link, number, text
from emulator.web.moments import moment
from emulator.web.outcomes import outcome
from emulator.web.pages.states import state_badge, state_words
from emulator.web.paging import pager
from emulator.web.parts import Column, Tone
from emulator.web.view import Place, View

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from emulator.identities import IdentityKey, Provider
    from emulator.web.view import Query
    from emulator.world import World

_PAGE = 50
_WORDS = ("identity", "identities")
_PROVIDER_COLUMNS = (
    Column("Provider", "id"),
    Column("Type", "word"),
    *(Column(state_words(one).capitalize(), "number") for one in HELD_STATES),
    Column("Waiting for a refresh", "number"),
)
_IDENTITY_COLUMNS = (
    Column("Identity", "id"),
    Column("Kind", "word"),
    Column("State", "word"),
    Column("Members", "number"),
    Column("Belongs to", "number"),
    Column("Refreshed", "when"),
)


def identities_page(world: World, query: Query) -> View:
    """Show all providers, and the identities of one of them."""
    world.turn()
    with world.lock:
        providers = list(world.directory.providers.values())
        chosen = _chosen(providers, query)
        # A provider may have a hundred thousand: they are listed once for all that follows.
        keys = {one.spec.id: world.directory.all_keys(one.spec.id) for one in providers}
        overview = _providers(world, providers, keys)
        shown = NOTHING
        if chosen is not None:
            shown = _of_provider(world, chosen, keys[chosen.spec.id], query)
    main = join(
        (
            element("h1", text("Identities")),
            element("p", text(_LEAD), class_="lead"),
            outcome(query),
            _waiting(world),
            overview,
            shown,
        )
    )
    return View("Identities", main, Place.IDENTITIES)


_LEAD = (
    "Pushed identities change what people see only when the security cache takes them over: at "
    "its next refresh, by schedule or on request."
)


def _chosen(providers: Sequence[Provider], query: Query) -> Provider | None:
    wanted = query.text("provider")
    named = next((one for one in providers if one.spec.id == wanted), None)
    # Without a choice, the first one that has been pushed to.
    return named or next((one for one in providers if one.identities), None)


def _waiting(world: World) -> Markup:
    with world.lock:
        waiting = sum(map(len, world.cache.waiting.values()))
    if not waiting:
        return NOTHING
    told = parts.note(
        f"Changed since the last refresh: {parts.counted(waiting, *_WORDS)}.", Tone.WARN
    )
    press = forms.action_form(
        "/controls/refresh", forms.hidden("back", "identities"), button="Refresh now"
    )
    return join((told, press))


def _providers(
    world: World, providers: Sequence[Provider], keys: Mapping[str, Sequence[IdentityKey]]
) -> Markup:
    rows = []
    for one in providers:
        counts = world.cache.counts_of(keys[one.spec.id])
        waiting = len(world.cache.waiting.get(one.spec.id, ()))
        numbers = [number(counts[state]) for state in HELD_STATES]
        name = link(one.name, provider_url(one.spec.id))
        rows.append([name, text(one.spec.type), *numbers, number(waiting)])
    caption = "One provider" if len(rows) == 1 else f"{len(rows)} providers"
    return parts.table(caption, _PROVIDER_COLUMNS, rows)


def _of_provider(
    world: World, provider: Provider, keys: Sequence[IdentityKey], query: Query
) -> Markup:
    keys = _included(world, keys, query)
    pages, page = max(1, -(-len(keys) // _PAGE)), query.page()
    rows = [_row(world, key) for key in keys[(page - 1) * _PAGE : page * _PAGE]]
    caption = f"{parts.counted(len(keys), 'identity', 'identities')}, page {page} of {pages}"
    return parts.section(
        f"Identities of {provider.name}",
        _filters(provider, query),
        parts.table_or("No identity matches.", caption, _IDENTITY_COLUMNS, rows),
        pager(query, "/identities", pages),
    )


def _included(world: World, keys: Sequence[IdentityKey], query: Query) -> Sequence[IdentityKey]:
    wanted, kind = query.text("q").casefold(), query.one_of("kind", KINDS)
    state = query.one_of("state", State)
    if wanted:
        keys = [key for key in keys if wanted in key.name.casefold()]
    if kind is not None:
        keys = [key for key in keys if key.kind == kind]
    if state is not None:
        keys = [key for key in keys if world.cache.get(key).state == state]
    return keys


def _row(world: World, key: IdentityKey) -> list[Markup]:
    cached = world.cache.get(key)
    return [
        link(world.directory.spelt(key), identity_url(key)),
        text(kind_words(key.kind)),
        state_badge(cached.state),
        number(len(cached.relations.members)),
        number(len(world.cache.parents(key))),
        moment(cached.updated_ms),
    ]


def _filters(provider: Provider, query: Query) -> Markup:
    kinds = [("", "any"), *((one, kind_words(one)) for one in KINDS)]
    states = [("", "any"), *((one, state_words(one)) for one in HELD_STATES)]
    return forms.search_form(
        forms.hidden("provider", provider.spec.id),
        forms.entry("q", "Name contains", query.text("q"), kind="search"),
        forms.choice("kind", "Kind", kinds, query.text("kind")),
        forms.choice("state", "State", states, query.text("state")),
        button="Filter",
        label="Filter the identities",
    )

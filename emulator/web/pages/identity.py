"""One identity: its state, its neighbours as a drawing and as trees. Imports: insight, parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.insight.relationships import IdentityDetails, Relationship, Width, details_of
from emulator.kinds import kind_words
from emulator.web import forms, parts
from emulator.web.addresses import identity_url, provider_url
from emulator.web.markup import NOTHING, Markup, element, join, link, number, text
from emulator.web.moments import moment
from emulator.web.pages.graph import drawing
from emulator.web.pages.states import state_badge
from emulator.web.parts import Tone
from emulator.web.view import Place, Query, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emulator.identities import IdentityKey, Named
    from emulator.insight.relationships import Branch
    from emulator.world import World

_SHOWN_NAMES = 50
_UPWARDS = {
    Relationship.MEMBER: "as a member",
    Relationship.GRANTED: "as granted",
    Relationship.ALIAS: "as its alias",
}
_DOWNWARDS = {
    Relationship.MEMBER: "member",
    Relationship.GRANTED: "is granted this",
    Relationship.ALIAS: "alias",
}


def identity_page(world: World, query: Query) -> View | None:
    """Show one identity; None if nobody ever named it."""
    world.turn()
    with world.lock:
        key = world.directory.key(
            query.text("provider"), query.text("kind"), query.values.get("name", "")
        )
        found = details_of(world, key, Width())
    if found is None:
        return None
    main = join(
        (
            parts.crumbs(("Identities", "/identities"), (key.provider, provider_url(key.provider))),
            element("h1", text(found.name)),
            element(
                "p", join((text(kind_words(key.kind)), text(" "), state_badge(found.cached.state)))
            ),
            *_warnings(found),
            _facts(found),
            parts.section("Around it", drawing(found)),
            _trees(found),
            _told(found),
            _use(key),
        )
    )
    return View(found.name, main, Place.IDENTITIES)


def _warnings(found: IdentityDetails) -> list[Markup]:
    told = []
    if found.cached.failure is not None:
        told.append(parts.note(f"The last refresh failed: {found.cached.failure}", Tone.BAD))
    if found.cached.disabled:
        said = "It is disabled: it counts for nothing, and neither does what only it leads to."
        told.append(parts.note(said, Tone.WARN))
    if found.waiting:
        said = "It changed since the last refresh; below is what the security cache still holds."
        press = forms.action_form(
            "/controls/refresh", forms.hidden("back", "identities"), button="Refresh now"
        )
        told.append(join((parts.note(said, Tone.WARN), press)))
    if found.pushed is None:
        told.append(parts.note("Nobody pushed it; others only name it."))
    return told


def _facts(found: IdentityDetails) -> Markup:
    pushed, cached = found.pushed, found.cached
    return parts.facts(
        (
            ("Provider", link(found.key.provider, provider_url(found.key.provider))),
            ("Pushed", moment(None if pushed is None else pushed.received_ms)),
            ("Taken over by the cache", moment(cached.updated_ms)),
            ("Ordering id", text(None) if pushed is None else parts.code(pushed.ordering_id)),
            ("Request", text(None) if pushed is None else number(pushed.request)),
            *(((name, text(value)) for name, value in pushed.named.info) if pushed else ()),
        )
    )


def _trees(found: IdentityDetails) -> Markup:
    above = _tree(found.above, found.above_left_out, _UPWARDS, "It belongs to nothing.")
    below = _tree(found.below, found.below_left_out, _DOWNWARDS, "Nothing belongs to it.")
    columns = (
        element("div", join((element("h2", text("It belongs to")), above)), class_="card"),
        element("div", join((element("h2", text("What belongs to it")), below)), class_="card"),
    )
    return element("section", element("div", join(columns), class_="neighbours"))


def _tree(
    branches: Sequence[Branch], left_out: int, words: dict[Relationship, str], empty: str
) -> Markup:
    if not branches:
        return element("p", text(empty), class_="dim")
    return element("ul", _twigs(branches, left_out, words), class_="tree")


def _twigs(branches: Sequence[Branch], left_out: int, words: dict[Relationship, str]) -> Markup:
    others = element("li", parts.more(left_out, "")) if left_out else NOTHING
    return join((*(_twig(one, words) for one in branches), others))


def _twig(branch: Branch, words: dict[Relationship, str]) -> Markup:
    one = branch.neighbour
    said = text(f" {kind_words(one.key.kind)}, {words[one.relationship]} ")
    line = [
        link(one.key.name, identity_url(one.key)),
        element("span", said, class_="relationship"),
        state_badge(one.state),
    ]
    if branch.again:
        line.append(parts.dim(" leads back to itself"))
    if branch.branches or branch.left_out:
        line.append(element("ul", _twigs(branch.branches, branch.left_out, words)))
    return element("li", join(line))


def _told(found: IdentityDetails) -> Markup:
    """Show what the store holds, as it was pushed."""
    if found.pushed is None:
        return NOTHING
    relations = found.pushed.relations
    pairs = (
        ("Members", _names(relations.members)),
        ("Mapped to (aliases)", _names(relations.mappings)),
        ("Granted (well-known)", _names(relations.well_knowns)),
    )
    return parts.section("As last pushed", parts.facts(pairs))


def _names(named: Sequence[Named]) -> Markup:
    if not named:
        return parts.dim("none")
    shown = ", ".join(one.name for one in named[:_SHOWN_NAMES])
    return join((text(shown), text(" "), parts.more(len(named) - _SHOWN_NAMES, "")))


def _use(key: IdentityKey) -> Markup:
    asked = {"as": "user", "user": key.name, "provider": key.provider, "kind": key.kind}
    way = link("Search as this identity", Query(asked).address("/search"))
    return parts.links("Uses", (way,))

"""Search as somebody: what they find, and what stays hidden from them. Imports: insight, parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.indexed import text_of
from emulator.insight.access import judge
from emulator.insight.finding import DEEPEST, Portion, find
from emulator.query import QuerySyntaxError, parse
from emulator.web import forms, parts
from emulator.web.addresses import item_url, source_url
from emulator.web.markup import NOTHING, Markup, element, join, link, number, text
from emulator.web.pages.states import sees_badge
from emulator.web.parts import Tone
from emulator.web.person import As, chosen, fields
from emulator.web.view import Place, View

if TYPE_CHECKING:
    from emulator.insight.finding import Results, Tally
    from emulator.searching import Hit
    from emulator.viewing import Viewer
    from emulator.web.person import Person
    from emulator.web.view import Query
    from emulator.world import World

_PAGE = 20
_EXCERPT_CHARACTERS = 220
_HIDDEN = "hidden"


def search_page(world: World, query: Query) -> View:
    """Show what somebody finds, or, on request, what they do not."""
    person = chosen(query, As.EVERYTHING)
    hidden = query.text("show") == _HIDDEN and person.how is not As.EVERYTHING
    main = join(
        (
            element("h1", text("Search")),
            element("p", text(_LEAD), class_="lead"),
            _form(world, query, person),
            _answer(world, query, person, hidden=hidden),
        )
    )
    return View("Search", main, Place.SEARCH)


_LEAD = (
    "What a user finds is what the security cache and the items' permissions let them find: words, "
    '"phrases", @field==value, AND, OR, NOT.'
)


def _form(world: World, query: Query, person: Person) -> Markup:
    return forms.search_form(
        forms.line(
            forms.entry("q", "Look for (empty finds everything)", query.text("q"), kind="search")
        ),
        fields(world, person, As),
        button="Search",
        label="Search as somebody",
    )


def _answer(world: World, query: Query, person: Person, *, hidden: bool) -> Markup:
    try:
        expression = parse(query.text("q"))
    except QuerySyntaxError as error:
        return parts.note(error, Tone.BAD, role="alert")
    portion = Portion(hidden, (query.page() - 1) * _PAGE, _PAGE)
    world.turn()
    with world.lock:
        viewer = person.viewer(world)
        results = find(world, viewer, expression, portion)
        hits = _hits(results, person, viewer, hidden=hidden)
    return join(
        (
            _summary(results.tally, person, hidden=hidden),
            _views(query, results.tally, person, hidden=hidden),
            hits,
            _pager(query, results.tally, portion),
        )
    )


def _summary(tally: Tally, person: Person, *, hidden: bool) -> Markup:
    if person.how is As.EVERYTHING:
        found = f"{parts.counted(tally.matching, 'item', 'items')} found."
        return element("p", text(found), role="status")
    seen = element("strong", number(tally.visible))
    sentence = join(
        (
            text(f"{parts.counted(tally.matching, 'item', 'items')} found; "),
            text(f"{person.words} sees "),
            seen,
            text(" of them. Below are those that stay hidden." if hidden else " of them."),
        )
    )
    return element("p", sentence, role="status")


def _views(query: Query, tally: Tally, person: Person, *, hidden: bool) -> Markup:
    if person.how is As.EVERYTHING:
        return NOTHING
    seen, unseen = f"What they find ({tally.visible})", f"What stays hidden ({tally.hidden})"
    ways = (
        link(
            seen,
            query.address("/search", show=None, page=None),
            aria_current=None if hidden else "page",
        ),
        link(
            unseen,
            query.address("/search", show=_HIDDEN, page=None),
            aria_current="page" if hidden else None,
        ),
    )
    return parts.links("Which items", ways, "tabs")


def _hits(results: Results, person: Person, viewer: Viewer, *, hidden: bool) -> Markup:
    if not results.hits:
        return _nothing(results.tally, person, hidden=hidden)
    listed = (_hit(one, person, viewer, hidden=hidden) for one in results.hits)
    return element("ol", join(listed), class_="hits")


def _nothing(tally: Tally, person: Person, *, hidden: bool) -> Markup:
    if hidden:
        return parts.nothing_here("Nothing that matches is hidden from them.")
    if tally.matching and person.how is not As.EVERYTHING:
        return parts.nothing_here(
            f"{person.words} sees nothing of it, although there is something: look at what stays "
            "hidden to see why."
        )
    return parts.nothing_here("Nothing in the index matches.")


def _hit(hit: Hit, person: Person, viewer: Viewer, *, hidden: bool) -> Markup:
    item, source = hit.item, hit.source
    asked = {} if person.how is As.EVERYTHING else person.parameters()
    address = item_url(source.name, item.document_id, **asked)
    title = element("h2", link(item.title or item.document_id, address))
    state = NOTHING if person.how is As.EVERYTHING else sees_badge(visible=not hidden)
    under = join(
        (
            link(source.title, source_url(source.name)),
            parts.code(item.document_id),
        )
    )
    excerpt = " ".join(text_of(item).split())[:_EXCERPT_CHARACTERS]
    shown = element("p", text(excerpt)) if excerpt else NOTHING
    why = _reason(hit, viewer, f"{address}#access") if asked else NOTHING
    head = element("div", join((title, state)), class_="step-head")
    return element("li", join((head, shown, why, element("div", under, class_="under"))))


def _reason(hit: Hit, viewer: Viewer, address: str) -> Markup:
    because = judge(viewer, hit.source, hit.item).because
    label = f"Each step for {hit.item.title or hit.item.document_id}"
    steps = link("Each step", address, aria_label=label)
    return element("p", join((text(f"Because {because}. "), steps)), class_="reason dim")


def _pager(query: Query, tally: Tally, portion: Portion) -> Markup:
    total = tally.hidden if portion.hidden else tally.visible
    page, end = query.page(), portion.first + portion.count
    ways = []
    if page > 1:
        back = min(page - 1, -(-DEEPEST // portion.count))
        ways.append(link("Previous", query.address("/search", page=back), rel="prev"))
    if end < min(total, DEEPEST):
        ways.append(link("Next", query.address("/search", page=page + 1), rel="next"))
    return parts.links("Pages", ways)

"""One item: what it is, who sees it and why, what became of it. Imports: insight, parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from emulator.indexed import text_of
from emulator.insight import access, audience
from emulator.settings import Visibility
from emulator.web import forms, parts
from emulator.web.addresses import source_url
from emulator.web.markup import Markup, element, join, link, number, text
from emulator.web.moments import moment
from emulator.web.pages.access import audience_table, level_steps, verdict_box
from emulator.web.pages.operations import operation_rows, operation_table
from emulator.web.parts import Column, Tone
from emulator.web.person import As, chosen, fields
from emulator.web.view import Place, View

if TYPE_CHECKING:
    from emulator.sources import Item, Source
    from emulator.web.person import Person
    from emulator.web.view import Query
    from emulator.world import World

_PREVIEW_CHARACTERS = 4_000
_VALUE_CHARACTERS = 1_000
_AUDIENCE = 50
_CONTENT_KEYS = frozenset({"data", "compressedbinarydata"})
_FIELD_COLUMNS = (Column("Field", "id"), Column("Value as sent", "wide"))


def item_page(world: World, source: Source, query: Query) -> View | None:
    """Show an item, indexed or not; None if nobody ever heard of it."""
    document_id, person = query.values.get("id", ""), chosen(query, As.EVERYTHING)
    world.turn()
    with world.lock:
        item, history = source.items.get(document_id), source.history.get(document_id, [])
        tombstone = source.tombstones.get(document_id)
        if item is None and not history and tombstone is None:
            return None
        known = _gone(tombstone) if item is None else _indexed(world, source, item, person)
        rows = operation_rows(history[::-1])
    main = join(
        (
            parts.crumbs(("Overview", "/"), (source.title, source_url(source.name))),
            _title(document_id, item),
            *known,
            parts.section(
                "History",
                operation_table(
                    "No operation is kept.", "Operations on this id, newest first", rows
                ),
                id_="history",
            ),
        )
    )
    return View(document_id, main, Place.OVERVIEW)


def _title(document_id: str, item: Item | None) -> Markup:
    state = parts.badge("in the index", Tone.GOOD)
    if item is None:
        state = parts.badge("not in the index", Tone.BAD)
    heading = document_id if item is None or item.title is None else item.title
    return join(
        (
            element("h1", text(heading)),
            element("p", join((parts.code(document_id), text(" "), state))),
        )
    )


def _gone(tombstone: int | None) -> list[Markup]:
    said = "This item is not in the index."
    if tombstone is not None:
        said += f" It was deleted with ordering id {tombstone}; nothing older gets in."
    return [parts.note(said, Tone.WARN)]


def _indexed(world: World, source: Source, item: Item, person: Person) -> list[Markup]:
    body = orjson.loads(item.body)
    return [
        _facts(item),
        _on_this_page(),
        parts.section(
            "Who can see this, and why", *_permissions(world, source, item, person), id_="access"
        ),
        parts.section("Fields", _fields(body), id_="fields"),
        parts.section("Body", *_body(item, body), id_="body"),
    ]


def _facts(item: Item) -> Markup:
    binary = item.binary
    return parts.facts(
        (
            ("Received", moment(item.received_ms)),
            ("Indexed", moment(item.indexed_ms)),
            ("Ordering id", parts.code(item.ordering_id)),
            ("Request", number(item.request)),
            ("Size as pushed", join((number(len(item.body)), text(" bytes")))),
            ("Compression", text(item.compression)),
            (
                "Content file",
                text(None) if binary is None else join((number(len(binary)), text(" bytes"))),
            ),
        )
    )


def _on_this_page() -> Markup:
    targets = (
        ("Permissions", "#access"),
        ("Fields", "#fields"),
        ("Body", "#body"),
        ("History", "#history"),
    )
    return parts.links("On this page", (link(name, href) for name, href in targets))


def _permissions(world: World, source: Source, item: Item, person: Person) -> list[Markup]:
    form = forms.search_form(
        forms.hidden("id", item.document_id),
        fields(world, person, (As.USER, As.ANONYMOUS)),
        button="Explain",
        action=f"{source_url(source.name)}/item#access",
        label="Who looks at this item",
    )
    if person.how is As.EVERYTHING:
        levels = access.outline(world.directory, source, item)
        said = parts.note(_for_whom(source, item))
        shown = [form, said, level_steps(levels, asked=False)]
    else:
        verdict = access.judge(person.viewer(world), source, item)
        steps = level_steps(verdict.levels, asked=source.secured)
        shown = [form, verdict_box(person.words, verdict), *_warnings(world, person), steps]
    return [*shown, *_audience(world, source, item)]


def _for_whom(source: Source, item: Item) -> str:
    if source.visibility is Visibility.SHARED:
        return "The source is shared: everybody sees its items, whatever their permissions say."
    if source.visibility is Visibility.PRIVATE:
        return "The source is private: nobody who searches as a user finds its items."
    if item.permissions is None:
        return "The item has no permissions: nobody sees it."
    return "Choose somebody to see each level and set decided for them."


def _warnings(world: World, person: Person) -> list[Markup]:
    told = []
    for one in person.users:
        key = world.directory.key(one.provider, one.kind, one.name)
        if world.cache.get(key).disabled:
            told.append(f"{one.name} is disabled, so it counts for nothing.")
        elif not world.directory.exists(key):
            told.append(f"No {one.kind} {one.name} is known to {one.provider}: check the spelling.")
    waiting = sum(map(len, world.cache.waiting.values()))
    if waiting:
        told.append(
            f"Changed since the security cache's last refresh: "
            f"{parts.counted(waiting, 'identity', 'identities')}. That does not count yet."
        )
    return [parts.note(one, Tone.WARN) for one in told]


def _audience(world: World, source: Source, item: Item) -> list[Markup]:
    if not source.secured or item.permissions is None:
        return []
    found = audience.audience_of(world, source, item, _AUDIENCE)
    heading = element("h3", text("Users whom these permissions reach"))
    return [element("div", join((heading, audience_table(found))), class_="reached")]


def _fields(body: dict[str, object]) -> Markup:
    rows = [
        [text(name), text(_plain(value))]
        for name, value in body.items()
        if name.lower() not in _CONTENT_KEYS and name.lower() != "permissions"
    ]
    caption = "One field" if len(rows) == 1 else f"{len(rows)} fields"
    return parts.table_or("Only content was sent.", caption, _FIELD_COLUMNS, rows)


def _body(item: Item, body: dict[str, object]) -> list[Markup]:
    pushed = [
        _preview(name, str(value)) for name, value in body.items() if name.lower() in _CONTENT_KEYS
    ]
    found = text_of(item)
    # What was sent compressed or as HTML is shown as search reads it, too.
    if found and not any(str(value) == found for value in body.values()):
        pushed.insert(0, _preview("text that search sees", found.strip()))
    return pushed or [parts.nothing_here("The content is no text that could be shown.")]


def _preview(name: str, whole: str) -> Markup:
    note = f"{name}, {len(whole)} characters"
    if len(whole) > _PREVIEW_CHARACTERS:
        note += f", the first {_PREVIEW_CHARACTERS} of them"
    shown = element(
        "pre", text(whole[:_PREVIEW_CHARACTERS]), tabindex="0", role="region", aria_label=name
    )
    return join((element("p", text(note), class_="dim"), shown))


def _plain(value: object) -> str:
    written = value if isinstance(value, str) else orjson.dumps(value).decode()
    cut = written[:_VALUE_CHARACTERS]
    return cut if cut == written else f"{cut} … ({len(written)} characters)"

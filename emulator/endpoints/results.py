"""One search result in Coveo's form. Imports: indexed, searching."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.indexed import fields_of, primary_id, text_of, unique_id
from emulator.switches import UnmappedMetadata

if TYPE_CHECKING:
    from emulator.searching import Hit
    from emulator.world import World

_EXCERPT_CHARACTERS = 200
_NOTHING_TO_SAY: dict[str, Any] = {
    "firstSentences": "",
    "summary": None,
    "rankingInfo": None,
    "rating": 3.0,
    "isTopResult": False,
    "isRecommendation": False,
    "isUserActionView": False,
    "titleHighlights": [],
    "firstSentencesHighlights": [],
    "excerptHighlights": [],
    "printableUriHighlights": [],
    "summaryHighlights": [],
    "parentResult": None,
    "childResults": [],
    "totalNumberOfChildResults": 0,
    "absentTerms": [],
}


def result_model(world: World, hit: Hit, words: tuple[str, ...]) -> dict[str, Any]:
    """Show a hit with its fields in `raw`."""
    source, item = hit.source, hit.item
    shown = world.settings.switches.unmapped_metadata is UnmappedMetadata.SHOWN
    raw = fields_of(source, item, world.fields, unmapped=shown)
    return {
        **_NOTHING_TO_SAY,
        "title": raw["title"],
        "uri": item.document_id,
        "printableUri": item.document_id,
        "clickUri": raw.get("clickableuri", item.document_id),
        "uniqueId": unique_id(source, item),
        "primaryid": primary_id(source, item),
        "excerpt": _excerpt(text_of(item), words),
        "flags": "HasHtmlVersion",
        "hasHtmlVersion": True,
        "hasMobileHtmlVersion": False,
        "score": hit.score,
        "percentScore": 100.0,
        "raw": raw,
    }


def _excerpt(text: str, words: tuple[str, ...]) -> str:
    plain = " ".join(text.split())
    found = [at for at in (plain.casefold().find(one) for one in words) if at >= 0]
    start = max(0, min(found, default=0) - _EXCERPT_CHARACTERS // 4)
    return plain[start : start + _EXCERPT_CHARACTERS]

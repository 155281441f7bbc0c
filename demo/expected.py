"""What the index must hold, from the database's own dump and in plain code.

Shares nothing with the product: not its decoder, not its mapping. Each function says in Python what
`demo/coveo-cdc.yaml` says in YAML; an error in one of them shows as a difference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

Item = dict[str, Any]
Index = dict[str, dict[str, Item]]
"""Items by source and document id."""

KNOWLEDGE_BASE = "demo-knowledge-base"
PEOPLE = "demo-people"
_MAX_EXACT = 2**53


def index_of(rows: Iterable[tuple[str, dict[str, Any]]]) -> Index:
    """Return every item that the rows must have become."""
    index: Index = {KNOWLEDGE_BASE: {}, PEOPLE: {}}
    for table, row in rows:
        match table:
            case "articles" if row["published"]:
                index[KNOWLEDGE_BASE][f"kb://articles/{row['id']}"] = _article(row)
            case "article_translations" if row["reviewed"]:
                article = f"kb://articles/{row['article_id']}"
                language = quote(row["language"], safe="-._~")
                translation = _translation(row, article)
                index[KNOWLEDGE_BASE][f"{article}/translations/{language}"] = translation
            case "authors" if row["active"]:
                index[PEOPLE][f"kb://authors/{row['id']}"] = _author(row)
            case _:
                pass
    return index


def _article(row: dict[str, Any]) -> Item:
    allowed = [("User", row["owner_email"])] if row["owner_email"] is not None else []
    allowed += [("Group", name) for name in row["allowed_groups"] or []]
    # Where nobody is allowed, whom else to deny does not matter, and is not said.
    denied = [("User", name) for name in row["denied_users"] or [] if allowed]
    slug = row["slug"]
    return _present(
        title=row["title"],
        data=row["body"],
        fileextension=".txt",
        summary=row["summary"],
        language=row["language"],
        status=row["status"],
        tags=row["tags"],
        rating=None if row["rating"] is None else float(row["rating"]),
        views=row["views"] if row["views"] <= _MAX_EXACT else str(row["views"]),
        popular=row["views"] >= 100,
        category_id=row["category_id"],
        author_id=row["author_id"],
        date=_milliseconds(row["updated_at"]),
        created=_milliseconds(row["created_at"]),
        clickableuri=None
        if slug is None
        else f"https://kb.example.com/articles/{quote(slug, safe='-._~')}",
        kind="article",
        permissions=_one_set(allowed, denied),
    )


def _translation(row: dict[str, Any], article: str) -> Item:
    return _present(
        title=row["title"],
        data=row["body"],
        fileextension=".txt",
        parentid=article,
        language=row["language"],
        date=_milliseconds(row["translated_at"]),
        kind="translation",
        permissions=_one_set([("Group", "translators")], []),
    )


def _author(row: dict[str, Any]) -> Item:
    return _present(
        title=row["name"],
        data=row["biography"] or "",
        fileextension=".txt",
        email=row["email"],
        kind="author",
    )


def _one_set(allowed: list[tuple[str, str]], denied: list[tuple[str, str]]) -> Any:
    """One level with one set; nobody is let in anonymously."""
    return {"allowed": sorted(allowed), "denied": sorted(denied), "anonymous": False}


def _milliseconds(moment: str | None) -> str | None:
    """Cut `…56.123456Z` to `…56.123Z`."""
    return None if moment is None else f"{moment[:-4]}Z"


def _present(**fields: Any) -> Item:
    return {name: value for name, value in fields.items() if value is not None}

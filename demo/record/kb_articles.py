"""What happens to articles; one kind of change a function, each returns its SQL."""

from __future__ import annotations

from demo.record import words
from demo.record.kb_rows import (
    GROUPS,
    STATUSES,
    Key,
    KnowledgeBase,
    Row,
    groups,
    maybe,
    new_article,
    new_translation,
    rating,
    tags,
)


def _changed(base: KnowledgeBase, key: Key, row: Row) -> str:
    """An article's new values with the time of the change."""
    return base.update("articles", key, row | {"updated_at": base.now.replace(tzinfo=None)})


def article_added(base: KnowledgeBase) -> list[str]:
    """A new article, often with a translation."""
    characters = base.random.choice((300, 600, 900, 1_200, 9_500))
    row = new_article(base, characters) | {
        "created_at": base.now,
        "updated_at": base.now.replace(tzinfo=None),
    }
    statements = [base.insert("articles", row)]
    if base.random.random() < 0.4:
        language = next(language for language in words.LANGUAGES if language != row["language"])
        statements.append(
            base.insert("article_translations", new_translation(base, row["id"], language))
        )
    return statements


def article_viewed(base: KnowledgeBase) -> list[str]:
    """Only a counter moves, beside a body that may be large."""
    key = base.any_key("articles")
    views = base.tables["articles"][key]["views"]
    assert isinstance(views, int)
    return [base.update("articles", key, {"views": views + base.random.randrange(1, 50)})]


def large_article_viewed(base: KnowledgeBase) -> list[str]:
    """A counter moves beside a body that is certainly large."""
    large = [key for key, row in base.tables["articles"].items() if len(str(row["body"])) > 8_000]
    return [
        base.update("articles", base.random.choice(large), {"views": base.random.randrange(20_000)})
    ]


def article_edited(base: KnowledgeBase) -> list[str]:
    """A new headline and summary."""
    key = base.any_key("articles")
    language = str(base.tables["articles"][key]["language"])
    row: Row = {
        "title": words.title(base.random, language),
        "summary": maybe(base, words.text(base.random, language, 60)),
    }
    return [_changed(base, key, row)]


def article_rewritten(base: KnowledgeBase) -> list[str]:
    """A new body."""
    key = base.any_key("articles")
    language = str(base.tables["articles"][key]["language"])
    return [
        _changed(
            base,
            key,
            {
                "body": words.text(base.random, language, base.random.randrange(200, 1_400)),
                "tags": tags(base),
            },
        )
    ]


def article_rated(base: KnowledgeBase) -> list[str]:
    """A new average of the readers."""
    return [base.update("articles", base.any_key("articles"), {"rating": rating(base)})]


def article_published_or_withdrawn(base: KnowledgeBase) -> list[str]:
    """Into the index, or out of it."""
    key = base.any_key("articles")
    published = not base.tables["articles"][key]["published"]
    return [
        _changed(
            base,
            key,
            {
                "published": published,
                "status": "final" if published else base.random.choice(STATUSES),
            },
        )
    ]


def article_access_changed(base: KnowledgeBase) -> list[str]:
    """Wider, narrower, nobody (NULL or empty), somebody denied, another owner."""
    key = base.any_key("articles")
    choices: tuple[Row, ...] = (
        {"allowed_groups": groups(base)},
        {"allowed_groups": [base.random.choice(GROUPS)]},
        {"allowed_groups": base.random.choice(([], None))},
        {"denied_users": [f"user{base.random.randrange(40)}@example.com"]},
        {"denied_users": None},
        {"owner_email": maybe(base, f"author{base.random.randrange(1, 60)}@example.com")},
    )
    return [_changed(base, key, base.random.choice(choices))]


def article_changed_and_back(base: KnowledgeBase) -> list[str]:
    """Changed, then as before, in two transactions."""
    key = base.any_key("articles")
    old = base.tables["articles"][key]
    choices: tuple[Row, ...] = (
        {"title": "Wrong title"},
        {"allowed_groups": ["everyone"]},
        {"published": False},
    )
    row = base.random.choice(choices)
    return [
        base.update("articles", key, row),
        "COMMIT;",
        "BEGIN;",
        base.update("articles", key, {name: old[name] for name in row}),
    ]


def article_touched(base: KnowledgeBase) -> list[str]:
    """An update that changes nothing."""
    key = base.any_key("articles")
    return [base.update("articles", key, {"title": base.tables["articles"][key]["title"]})]


def article_moved(base: KnowledgeBase) -> list[str]:
    """Another category and author."""
    row: Row = {
        "category_id": base.any_key("categories")[0],
        "author_id": maybe(base, base.any_key("authors")[0]),
    }
    return [_changed(base, base.any_key("articles"), row)]


def article_attached(base: KnowledgeBase) -> list[str]:
    """A file comes, changes or goes."""
    attachment = (
        base.random.randbytes(base.random.randrange(1, 200)) if base.random.random() < 0.7 else None
    )
    return [_changed(base, base.any_key("articles"), {"attachment": attachment})]


def article_slug_changed(base: KnowledgeBase) -> list[str]:
    """A new address in the browser; no key."""
    key = base.any_key("articles")
    slug = f"article-{key[0]!r}-{base.random.randrange(10_000)}"
    return [_changed(base, key, {"slug": maybe(base, slug)})]


def article_renumbered(base: KnowledgeBase) -> list[str]:
    """The key changes; translations and comments follow."""
    return [_changed(base, base.any_key("articles"), {"id": base.new_id("articles") + 9_000})]


def article_deleted(base: KnowledgeBase) -> list[str]:
    """Translations and comments go along."""
    return [base.delete("articles", base.any_key("articles"))]


def article_deleted_and_added_again(base: KnowledgeBase) -> list[str]:
    """The same key goes and comes in one transaction."""
    key = base.any_key("articles")
    row = new_article(base, 300) | {
        "id": key[0],
        "slug": f"again-{key[0]!r}-{base.random.randrange(10_000)}",
    }
    return [base.delete("articles", key), base.insert("articles", row)]


def articles_archived(base: KnowledgeBase) -> list[str]:
    """One statement, many rows."""
    category_id = base.any_key("categories")[0]
    found = [
        key
        for key, row in base.tables["articles"].items()
        if row["category_id"] == category_id and row["status"] == "draft"
    ]
    for key in found:
        base.update("articles", key, {"status": "archived", "published": False})
    statement = (
        "UPDATE articles SET status = 'archived', published = false "  # noqa: S608 -- our own number
        f"WHERE category_id = {category_id!r} AND status = 'draft';"
    )
    return [statement]


def many_articles_edited(base: KnowledgeBase) -> list[str]:
    """One transaction, many statements, some on the same row."""
    return [
        statement
        for _ in range(base.random.randrange(4, 12))
        for statement in base.random.choice((article_edited, article_rated, article_viewed))(base)
    ]

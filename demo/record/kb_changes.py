"""The working day of the knowledge base: transactions, and what happens beside the articles."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

from demo.record import kb_articles, words
from demo.record.kb_rows import KnowledgeBase, Row, maybe, new_author, new_comment, new_translation

_CHANGES = 1_500


def transactions(base: KnowledgeBase) -> Iterator[str]:
    """SQL of one transaction after the other until enough rows have changed."""
    kinds = [kind for kind, weight in _KINDS.items() for _ in range(weight)]
    before = base.changes
    remaining = list(_KINDS)  # each kind happens at least once
    base.random.shuffle(remaining)
    while remaining or base.changes - before < _CHANGES:
        base.tick()
        kind = (
            remaining.pop()
            if remaining and base.random.random() < 0.2
            else base.random.choice(kinds)
        )
        if kind is not kb_articles.article_changed_and_back and base.random.random() < 0.06:
            yield _rolled_back(base, kind)
        else:
            statements = kind(base)
            if base.random.random() < 0.08:
                statements += (
                    kb_articles.article_edited(base)
                    + _savepoint_undone(base)
                    + _comment_written(base)
                )
            yield "\n".join(["BEGIN;", *statements, "COMMIT;"])


def _rolled_back(base: KnowledgeBase, kind: Callable[[KnowledgeBase], list[str]]) -> str:
    """A transaction that must leave no trace."""
    return "\n".join(["BEGIN;", *_undone(base, kind), "ROLLBACK;"])


def _savepoint_undone(base: KnowledgeBase) -> list[str]:
    """Part of a transaction that is taken back while the rest is kept."""
    return [
        "SAVEPOINT mark;",
        *_undone(base, kb_articles.article_access_changed),
        "ROLLBACK TO SAVEPOINT mark;",
    ]


def _undone(base: KnowledgeBase, kind: Callable[[KnowledgeBase], list[str]]) -> list[str]:
    tables, changes = copy.deepcopy(base.tables), base.changes
    statements = kind(base)
    base.tables, base.changes = tables, changes
    return statements


def _translation_added(base: KnowledgeBase) -> list[str]:
    article_id = base.any_key("articles")[0]
    free = [
        language
        for language in words.LANGUAGES
        if (article_id, language) not in base.tables["article_translations"]
    ]
    return [
        base.insert("article_translations", new_translation(base, article_id, language))
        for language in free[:1]
    ]


def _translation_edited(base: KnowledgeBase) -> list[str]:
    key = base.any_key("article_translations")
    row: Row = {
        "body": words.text(base.random, str(key[1]), base.random.randrange(150, 700)),
        "reviewed": base.random.random() < 0.5,
        "translated_at": base.now,
    }
    return [base.update("article_translations", key, row)]


def _translation_relabelled(base: KnowledgeBase) -> list[str]:
    """Part of a composite key changes."""
    key = base.any_key("article_translations")
    free = [
        code
        for code in ("en-GB", "de-AT", "fr-CA", "pt", "zh")
        if (key[0], code) not in base.tables["article_translations"]
    ]
    return [base.update("article_translations", key, {"language": base.random.choice(free)})]


def _translation_deleted(base: KnowledgeBase) -> list[str]:
    return [base.delete("article_translations", base.any_key("article_translations"))]


def _comment_written(base: KnowledgeBase) -> list[str]:
    return [base.insert("comments", new_comment(base))]


def _comment_edited(base: KnowledgeBase) -> list[str]:
    return [
        base.update(
            "comments",
            base.any_key("comments"),
            {
                "body": words.text(base.random, "en", 40),
                "stars": maybe(base, base.random.randrange(1, 6)),
            },
        )
    ]


def _comment_deleted(base: KnowledgeBase) -> list[str]:
    return [base.delete("comments", base.any_key("comments"))]


def _author_changed(base: KnowledgeBase) -> list[str]:
    key = base.any_key("authors")
    choices: tuple[Row, ...] = (
        {"name": f"Author {key[0]!r} (née {base.random.randrange(99)})"},
        {"active": not base.tables["authors"][key]["active"]},
        {"biography": maybe(base, words.text(base.random, "fr", 80))},
    )
    return [base.update("authors", key, base.random.choice(choices))]


def _author_added(base: KnowledgeBase) -> list[str]:
    return [base.insert("authors", new_author(base))]


def _author_deleted(base: KnowledgeBase) -> list[str]:
    return [base.delete("authors", base.any_key("authors"))]


def _category_renamed(base: KnowledgeBase) -> list[str]:
    key = base.any_key("categories")
    return [
        base.update(
            "categories", key, {"name": f"Category {key[0]!r}.{base.random.randrange(100)}"}
        )
    ]


_KINDS: dict[Callable[[KnowledgeBase], list[str]], int] = {
    kb_articles.article_added: 8,
    kb_articles.article_viewed: 14,
    kb_articles.large_article_viewed: 2,
    kb_articles.article_edited: 12,
    kb_articles.article_rewritten: 6,
    kb_articles.article_rated: 6,
    kb_articles.article_published_or_withdrawn: 10,
    kb_articles.article_access_changed: 12,
    kb_articles.article_changed_and_back: 4,
    kb_articles.article_touched: 2,
    kb_articles.article_moved: 4,
    kb_articles.article_attached: 2,
    kb_articles.article_slug_changed: 3,
    kb_articles.article_renumbered: 2,
    kb_articles.article_deleted: 5,
    kb_articles.article_deleted_and_added_again: 2,
    kb_articles.articles_archived: 1,
    kb_articles.many_articles_edited: 3,
    _translation_added: 5,
    _translation_edited: 7,
    _translation_relabelled: 4,
    _translation_deleted: 2,
    _comment_written: 8,
    _comment_edited: 4,
    _comment_deleted: 3,
    _author_changed: 3,
    _author_added: 1,
    _author_deleted: 1,
    _category_renamed: 1,
}

"""The knowledge base as a model: its first rows, and every change both as SQL and in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TypeAlias

from demo.record import sql, words
from demo.record.sql import Value

Row: TypeAlias = "dict[str, Value]"
Key: TypeAlias = "tuple[Value, ...]"

KEYS = {
    "authors": ("id",),
    "categories": ("id",),
    "articles": ("id",),
    "article_translations": ("article_id", "language"),
    "comments": ("id",),
}
GROUPS = (
    "everyone",
    "support",
    "operations",
    "engineering",
    "partners",
    "people-office",
    "finance",
    "managers",
)
STATUSES = ("draft", "review", "final", "archived")
TAGS = (
    "network",
    "printing",
    "security",
    "onboarding",
    "hardware",
    "how-to",
    "billing",
    "größe",
    "日本",
    "a,b",
    'q"t',
)
_CATEGORY_NAMES = (
    "Network",
    "Printing",
    "Accounts & access",
    "Hardware",
    "Mail",
    "Backup",
    "Licences",
    "Büro",
    "Réseau",
    "拠点",
    "Archive",
    "Security",
)
_AUTHORS = 60
_ARTICLES = 400
_COMMENTS = 300


class KnowledgeBase:
    """All rows by table and key. Each change returns its SQL and is counted with its cascades."""

    def __init__(self, random: Random) -> None:
        """Start empty, on a fixed day."""
        self.random = random
        self.now = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
        self.tables: dict[str, dict[Key, Row]] = {table: {} for table in KEYS}
        self.changes = 0
        self._last_id = {"authors": 0, "categories": 0, "articles": 1000, "comments": 5000}

    def tick(self) -> None:
        """Let some time pass."""
        self.now += timedelta(
            seconds=self.random.randrange(2, 90), microseconds=self.random.randrange(1_000_000)
        )

    def new_id(self, table: str) -> int:
        """The next free number."""
        self._last_id[table] += 1
        return self._last_id[table]

    def any_key(self, table: str) -> Key:
        """Some row's key."""
        return self.random.choice(list(self.tables[table]))

    def insert(self, table: str, row: Row) -> str:
        """A new row."""
        self.tables[table][tuple(row[name] for name in KEYS[table])] = row
        self.changes += 1
        return sql.insert(table, row)

    def update(self, table: str, key: Key, changed: Row) -> str:
        """New values, possibly of the key, which references follow."""
        row = self.tables[table][key] | changed
        new_key = tuple(row[name] for name in KEYS[table])
        if new_key == key:
            self.tables[table][key] = row
        else:
            del self.tables[table][key]
            self.tables[table][new_key] = row
        self.changes += 1
        if table == "articles" and new_key != key:
            self._article_moved(key[0], new_key[0])
        return sql.update(table, _named(table, key), changed)

    def delete(self, table: str, key: Key) -> str:
        """No more row, nor any that hangs on it."""
        del self.tables[table][key]
        self.changes += 1
        if table == "articles":
            for child in ("article_translations", "comments"):
                for child_key in self.children(child, key[0]):
                    del self.tables[child][child_key]
                    self.changes += 1
        if table == "authors":
            for child in ("articles", "comments"):
                for row in self.tables[child].values():
                    if row["author_id"] == key[0]:
                        row["author_id"] = None
                        self.changes += 1
        return sql.delete(table, _named(table, key))

    def children(self, table: str, article_id: Value) -> list[Key]:
        """Keys of an article's translations or comments."""
        return [key for key, row in self.tables[table].items() if row["article_id"] == article_id]

    def _article_moved(self, old_id: Value, new_id: Value) -> None:
        for table in ("article_translations", "comments"):
            for key in self.children(table, old_id):
                row = self.tables[table].pop(key) | {"article_id": new_id}
                self.tables[table][tuple(row[name] for name in KEYS[table])] = row
                self.changes += 1


def _named(table: str, key: Key) -> Mapping[str, Value]:
    return dict(zip(KEYS[table], key, strict=True))


def first_rows(base: KnowledgeBase) -> list[str]:
    """Fill the empty knowledge base; what the snapshot will find."""
    statements = [base.insert("authors", new_author(base)) for _ in range(_AUTHORS)]
    statements += [base.insert("categories", _category(base, name)) for name in _CATEGORY_NAMES]
    for number in range(_ARTICLES):
        characters = (
            base.random.randrange(9_000, 24_000)
            if number % 25 == 7
            else base.random.randrange(200, 1_400)
        )
        row = new_article(base, characters)
        statements.append(base.insert("articles", row))
        for language in base.random.sample(words.LANGUAGES, base.random.choice((0, 0, 1, 1, 2))):
            if language != row["language"]:
                statements.append(
                    base.insert("article_translations", new_translation(base, row["id"], language))
                )
    statements += [base.insert("comments", new_comment(base)) for _ in range(_COMMENTS)]
    return statements


def new_author(base: KnowledgeBase) -> Row:
    """An author nobody could know."""
    number = base.new_id("authors")
    name = base.random.choice(
        ("Author {}", "Author {}", "Autorin Ä {}", "Auteur É {}", "著者 {}", "كاتب {}")
    )
    return {
        "id": number,
        "name": name.format(number),
        "email": f"author{number}@example.com",
        "biography": maybe(base, words.text(base.random, "en", 80)),
        "active": base.random.random() < 0.9,
    }


def _category(base: KnowledgeBase, name: str) -> Row:
    number = base.new_id("categories")
    parent = base.random.randrange(1, number) if number > 6 else None
    return {"id": number, "parent_id": parent, "name": name, "position": number * 10}


def new_article(base: KnowledgeBase, characters: int) -> Row:
    """An article with a body of at least so many characters."""
    random = base.random
    number = base.new_id("articles")
    language = random.choice(("en", "en", "en", "de", "fr", "ja", "ar"))
    status = random.choice(STATUSES)
    created_at = base.now - timedelta(seconds=random.randrange(60, 80_000_000))
    return {
        "id": number,
        "slug": maybe(base, f"article-{number}"),
        "title": words.title(random, language),
        "body": words.text(random, language, characters),
        "summary": maybe(base, words.text(random, language, 60)),
        "author_id": maybe(base, base.any_key("authors")[0]),
        "category_id": base.any_key("categories")[0],
        "language": language,
        "tags": tags(base),
        "rating": rating(base),
        "views": random.choice((0, random.randrange(10_000), 2**53 + random.randrange(1, 99))),
        "published": random.random() < 0.8,
        "status": status,
        "created_at": created_at.replace(microsecond=random.randrange(1_000_000)),
        "updated_at": created_at.replace(tzinfo=None),
        "attachment": random.randbytes(random.randrange(8, 120)) if random.random() < 0.2 else None,
        "owner_email": maybe(base, f"author{random.randrange(1, _AUTHORS)}@example.com"),
        "allowed_groups": groups(base),
        "denied_users": [f"user{n}@example.com" for n in random.sample(range(40), 2)]
        if random.random() < 0.2
        else None,
    }


def new_translation(base: KnowledgeBase, article_id: Value, language: str) -> Row:
    """An article in another language."""
    return {
        "article_id": article_id,
        "language": language,
        "title": words.title(base.random, language),
        "body": words.text(base.random, language, base.random.randrange(150, 700)),
        "reviewed": base.random.random() < 0.5,
        "translated_at": maybe(base, base.now - timedelta(days=base.random.randrange(300))),
    }


def new_comment(base: KnowledgeBase) -> Row:
    """A remark about some article."""
    return {
        "id": base.new_id("comments"),
        "article_id": base.any_key("articles")[0],
        "author_id": maybe(base, base.any_key("authors")[0]),
        "body": words.text(base.random, base.random.choice(words.LANGUAGES), 40),
        "stars": maybe(base, base.random.randrange(1, 6)),
        "written_at": base.now - timedelta(seconds=base.random.randrange(1, 90)),
    }


def maybe(base: KnowledgeBase, value: Value) -> Value:
    """The value, or now and then NULL."""
    return value if base.random.random() < 0.85 else None


def tags(base: KnowledgeBase) -> Value:
    """NULL, none or a few tags."""
    return maybe(base, base.random.sample(TAGS, base.random.randrange(4)))


def groups(base: KnowledgeBase) -> Value:
    """The groups that may read: one or more, seldom none, seldom unknown."""
    return (
        None
        if base.random.random() < 0.05
        else base.random.sample(GROUPS, base.random.choice((0, 1, 1, 2, 2, 3)))
    )


def rating(base: KnowledgeBase) -> Value:
    """NULL or 0.00 to 5.00."""
    return maybe(base, Decimal(base.random.randrange(501)) / 100)

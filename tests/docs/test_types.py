"""docs/types.md tells of every logical type what it becomes."""

from __future__ import annotations

import re

from consumer.decode.logical import LOGICAL_TYPES
from tests.docs.pages import first_column, pages, section
from tests.docs.types_page import rendered
from tests.golden.cases import FOLDERS


def test_the_types_page_is_what_the_table_says() -> None:
    """`make docs` writes it; a type, a test's value or a recorded case that is new changes it."""
    page = pages()["docs/types.md"]
    assert page == rendered(page)


def test_every_type_is_told_of_once() -> None:
    """In the order of the table, each with what it becomes."""
    told = first_column(section("docs/types.md", "Logical types"))
    assert told == [*LOGICAL_TYPES]
    assert all(type_.avro and type_.said.becomes for type_ in LOGICAL_TYPES.values())


def test_the_cases_that_the_page_names_are_there() -> None:
    """A reader who wants to see the bytes is sent to them."""
    rows = re.findall(r"^\| .*", section("docs/types.md", "Logical types"), re.MULTILINE)
    named = {case for row in rows for case in re.findall(r"`([^`]+)`", row.split(" | ")[-1])}
    assert named
    assert named <= {f"{folder.parent.name}/{folder.name}" for folder in FOLDERS}

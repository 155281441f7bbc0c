"""docs/debezium.md says what is supported, with cases that show it."""

from __future__ import annotations

from itertools import chain

from tests.docs.pages import pages
from tests.golden.cases import FOLDERS, about
from tests.golden.document import HANDLED, cases_of, rendered
from tests.golden.sections import NOT_RECORDED, SECTIONS

CASES = {about(folder)["id"]: about(folder)["section"] for folder in FOLDERS}
STATEMENTS = {number: HANDLED[number] for number in HANDLED if number != "notes"}


def test_the_page_is_what_the_cases_say() -> None:
    """`make docs` writes it."""
    assert pages()["docs/debezium.md"] == rendered()


def test_every_section_has_statements_and_each_is_proved_by_cases_of_it() -> None:
    """A claim without a record of the real thing is a hope."""
    assert STATEMENTS.keys() == SECTIONS.keys() - NOT_RECORDED.keys()
    for each in chain.from_iterable(STATEMENTS.values()):
        assert each["cases"]
        assert set(each["cases"]) <= CASES.keys()
    for number, statements in STATEMENTS.items():
        proofs = set(chain.from_iterable(each["cases"] for each in statements))
        assert any(number in CASES[case] for case in proofs)


def test_every_case_proves_something() -> None:
    """A case that no statement names is one that nobody finds."""
    every = chain.from_iterable(STATEMENTS.values())
    named = set(chain.from_iterable(each["cases"] for each in every))
    assert CASES.keys() - named == set()


def test_the_cases_that_notes_name_are_there() -> None:
    """A surprise that cannot be looked up is an anecdote."""
    linked = set(chain.from_iterable(map(cases_of, HANDLED["notes"])))
    assert linked
    assert linked <= CASES.keys()

"""For each section a fault in the code turns one of its cases red: the cases can fail."""

from __future__ import annotations

from contextlib import closing

import pytest

from tests.golden.mutants import MUTANTS, Mutant, killers
from tests.golden.sections import NOT_RECORDED, SECTIONS


def test_each_section_has_a_mutant() -> None:
    """A section without one could be forgotten without anybody noticing."""
    assert {one.section for one in MUTANTS} == SECTIONS.keys() - NOT_RECORDED.keys()
    names = [one.name for one in MUTANTS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: f"{one.section}-{one.name}")
def test_a_mutant_is_noticed(mutant: Mutant) -> None:
    """A case that stays green whatever the code does proves nothing."""
    with closing(killers(mutant)) as found:
        assert next(found, None), mutant.why

"""Faults put into the real code on purpose: `python -m tests.golden.mutants [SECTION …]`.

Each takes away one rule of decoding that a section is about; at least one of the section's cases
must then lead elsewhere than expected. Prints which cases notice.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from consumer.mapping import template
from tests.golden import faults
from tests.golden.cases import Expectation, Json, about, expectations, loaded


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is taken away, from which section's cases."""

    section: str
    changes: Callable[[], faults.Changes]

    @property
    def name(self) -> str:
        """Return what the fault is called."""
        return self.changes.__name__

    @property
    def why(self) -> str:
        """Return what is taken away."""
        sentence = (self.changes.__doc__ or "").rstrip(".")
        return sentence if sentence.startswith("Debezium") else sentence[:1].lower() + sentence[1:]


@contextmanager
def applied(mutant: Mutant) -> Iterator[None]:
    """Change the code for a while; a mapping that was compiled before is not used."""
    before = []
    for owner, name, instead in mutant.changes():
        before.append((owner, name, _get(owner, name)))
        _set(owner, name, instead)
    of_mapping = any(owner is template for owner, *_ in before)
    forget: Callable[[], None] = loaded.cache_clear if of_mapping else lambda: None
    forget()
    try:
        yield
    finally:
        for owner, name, original in reversed(before):
            _set(owner, name, original)
        forget()


def killers(mutant: Mutant) -> Generator[str]:
    """Yield the section's cases that lead elsewhere with the mutant than without."""
    of_section = [one for one in expectations() if mutant.section in about(one.folder)["section"]]
    right = {one: one.actual() for one in of_section}
    with applied(mutant):
        yield from (one.name for one in of_section if _notices(one, right[one]))


def _notices(one: Expectation, right: Sequence[Json]) -> bool:
    try:
        return one.translated() != right
    except Exception:  # noqa: BLE001 - a mutant may break anything, and then it shows
        return True


def _get(owner: Any, name: str) -> Any:
    return owner.get(name) if isinstance(owner, dict) else getattr(owner, name)


def _set(owner: Any, name: str, value: Any) -> None:
    if not isinstance(owner, dict):
        setattr(owner, name, value)
    elif value is None:
        owner.pop(name, None)
    else:
        owner[name] = value


MUTANTS: Final = (
    Mutant("1.1", faults.images_swapped),
    Mutant("1.2", faults.truncates_overlooked),
    Mutant("1.3", faults.keys_by_place),
    Mutant("1.4", faults.tombstones_skipped),
    Mutant("1.5", faults.moved_rows_taken_for_new),
    Mutant("1.5", faults.other_key_taken_for_own),
    Mutant("1.6", faults.control_records_unknown),
    Mutant("1.7", faults.positions_needed),
    Mutant("1.8", faults.older_positions_dropped),
    Mutant("2.1", faults.any_delete_believed),
    Mutant("2.2", faults.marker_as_text_only),
    Mutant("2.2", faults.nulls_believed),
    Mutant("3.1", faults.null_comes_first),
    Mutant("3.1", faults.envelopes_by_name_only),
    Mutant("3.2", faults.bits_from_the_other_end),
    Mutant("3.2", faults.decimals_as_doubles),
    Mutant("3.3", faults.singles_as_doubles),
    Mutant("3.4", faults.far_dates_as_numbers),
    Mutant("3.5", faults.ids_from_the_other_end),
    Mutant("3.6", faults.fractions_as_doubles),
    Mutant("3.6", faults.text_null_unknown),
    Mutant("3.6", faults.any_value_believed),
    Mutant("4.1", faults.deleted_rows_kept),
    Mutant("4.1", faults.rows_guessed),
    Mutant("4.2", faults.others_skipped),
    Mutant("4.2", faults.topics_not_told_apart),
    Mutant("5", faults.snapshot_rows_unknown),
    Mutant("6", faults.gone_columns_as_null),
)
"""In the order of the sections."""


def main(arguments: Sequence[str]) -> int:
    """Print a table: section, mutant, and the cases that notice; return 1 if none does."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden.mutants", description=__doc__)
    parser.add_argument("section", nargs="*", help="default: all")
    chosen = parser.parse_args(arguments).section
    survivors = 0
    for mutant in MUTANTS:
        if chosen and mutant.section not in chosen:
            continue
        found = [*killers(mutant)]
        survivors += not found
        shown = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        sys.stdout.write(f"{mutant.section:5}{mutant.name:32}{shown or 'SURVIVES'}\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

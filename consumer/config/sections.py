"""What a file says, validated key by key, so that one wrong key does not hide the next.

Imports pydantic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from consumer.config.document import Tree, value_at
from consumer.config.messages import described, findings, misspelt, place
from consumer.config.model import Settings
from consumer.config.problems import Report
from consumer.config.shape import is_required, stand_in
from consumer.domain.problems import Path

_TRIES: Final = 3
"""Stand-ins are right the first time; a test says so for every key."""


def validated(tree: Tree, report: Report) -> Settings:
    """Return the settings that `tree` holds; what is wrong goes to the report and out of the tree.

    Something right stands in for what is wrong, so that everything else can be checked; the report
    distrusts it. Raises ConfigErrors only where no stand-in is found.
    """
    for _ in range(_TRIES):
        try:
            return Settings.model_validate(tree)
        except ValidationError as error:
            _mend(tree, findings(error, tree), report)
    return report.fail()


def _mend(tree: Tree, found: Sequence[ErrorDetails], report: Report) -> None:
    for path in misspelt(found, tree, Settings):
        report.distrust(path)
    report.add(*described(found, tree, Settings))
    for path in sorted({place(one, tree) for one in found}, key=len):
        report.distrust(path)
        _replace(tree, path)


def _replace(tree: Tree, path: Path) -> None:
    """Take what is wrong out of the tree, or put a stand-in there."""
    *around, last = path
    match value_at(tree, tuple(around)):
        case dict() as section if not is_required(Settings, path):
            section.pop(last, None)
        case dict() as section:
            section[last] = stand_in(Settings, path)
        case list() as items if isinstance(last, int):
            items[last] = stand_in(Settings, path)
        case _:
            pass  # what it stood in is out already

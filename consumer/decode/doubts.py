"""Values of a new row that may not be the row's: nulls and defaults that stand in for others.

A null can stand for a value that did not change and was left out without a marker (`left_out.py`);
a default can stand for null, because converters write it so (reference `debezium.md` §0, §3.1).
Only who knows what a column is for can decide what follows, so doubts are told. Imports the domain.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, assert_never

from consumer.decode.avro_types import Struct, Union, as_written, is_null
from consumer.decode.identity import Judge, OldRow, judge_of
from consumer.decode.left_out import HIDES_BESIDE_OLD_ROWS, Habit, doubt_about, habit_of
from consumer.decode.readers import Doubts
from consumer.domain.events import ColumnPlan, Doubt, DoubtKind

FindDoubts: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any] | None, Any], Doubts]
"""Takes a new row, its old one and the `source` of its event, all as Avro gives them."""

_NONE: Final = Doubts()


def _trusted(_new: Mapping[str, Any], _old: Mapping[str, Any]) -> OldRow:
    return OldRow.WHOLE


_TRUSTED: Final[Judge] = _trusted
"""Where a mapping states that old rows are whole."""


@dataclass(frozen=True, slots=True)
class _Watched:
    """A column whose value may be doubted: what stands for another value, and which doubt it is."""

    doubt: Doubt
    default: Any


def finder(
    row: Struct, plan: ColumnPlan, *, is_named: bool = True, knows_nulls: bool = True
) -> FindDoubts:
    """Return a function that finds the doubts about rows of this struct.

    What a schema and a plan leave open is worked out once per habit of a connector; most tables
    leave nothing open, and then a row is not looked at. `is_named` if the schema names semantic
    types, `knows_nulls` if there is one, which says what is nullable.
    """
    planned = dict.fromkeys((*plan.columns, *plan.exact_columns))
    defaults = [_default(row, name) for name in planned if name in plan.defaults]
    watched_defaults = [each for each in defaults if each is not None]
    typed = {name for name in planned if is_named or name in dict(plan.reading.types)}
    left_out = {habit: _left_out(row, plan, planned, habit, typed) for habit in Habit}
    if not watched_defaults and not any(left_out.values()):
        return lambda _new, _old, _source: _NONE
    judge = _TRUSTED if plan.before else judge_of(row, plan.key_columns, knows_nulls=knows_nulls)

    def find(new: Mapping[str, Any], old: Mapping[str, Any] | None, source: Any) -> Doubts:
        always = tuple(w.doubt for w in watched_defaults if _is_default(w, new))
        habit = habit_of(source)
        found = [w for w in left_out[habit] if new[w.doubt.column] is None or _is_default(w, new)]
        if habit not in HIDES_BESIDE_OLD_ROWS:
            bare = tuple(w.doubt for w in found)
            beside = () if old is None or not bare else _beside(judge(new, old), bare)
            return Doubts(always, if_updated=beside, if_bare=bare)
        # An old value that is there says that it changed: what did not is left out of both rows.
        unsaid = tuple(w.doubt for w in found if old is None or old.get(w.doubt.column) is None)
        return Doubts(always, if_updated=unsaid)

    return find


def whatever_happened(find: FindDoubts) -> FindDoubts:
    """Return a function that doubts creates as updates: who says so may have made them of updates.

    Flink writes an update as a delete and a create, and does not know what was left out of it.
    """

    def find_all(new: Mapping[str, Any], old: Mapping[str, Any] | None, source: Any) -> Doubts:
        always, if_updated, if_bare = find(new, old, source)
        return Doubts((*always, *if_updated, *(if_bare if old is None else ())))

    return find_all


def _beside(old_row: OldRow, bare: tuple[Doubt, ...]) -> tuple[Doubt, ...]:
    """Return what stays doubtful beside an old row."""
    match old_row:
        case OldRow.WHOLE:
            return ()
        case OldRow.UNPROVEN:
            return tuple(each._replace(kind=DoubtKind.RARELY_LEFT_OUT) for each in bare)
        case OldRow.PART:
            return bare
        case _:
            assert_never(old_row)


def _default(row: Struct, name: str) -> _Watched | None:
    """Return the column if converters would write a default for its null."""
    node, default = row.fields[name], row.defaults.get(name)
    nullable = isinstance(node, Union) and any(map(is_null, node.branches))
    if not nullable or default is None:
        return None
    return _Watched(Doubt(name, DoubtKind.DEFAULT), default)


def _left_out(
    row: Struct, plan: ColumnPlan, planned: Iterable[str], habit: Habit, typed: Collection[str]
) -> tuple[_Watched, ...]:
    def doubt(name: str) -> DoubtKind | None:
        is_unmarked, is_named = name in plan.unmarked, name in typed
        return doubt_about(row.fields[name], habit, unmarked=is_unmarked, is_named=is_named)

    kinds = ((name, doubt(name)) for name in planned if name in plan.left_out)
    return tuple(
        _Watched(Doubt(name, kind), row.defaults.get(name))
        for name, kind in kinds
        if kind is not None
    )


def _is_default(watched: _Watched, row: Mapping[str, Any]) -> bool:
    raw = row[watched.doubt.column]
    return watched.default is not None and raw is not None and as_written(raw) == watched.default

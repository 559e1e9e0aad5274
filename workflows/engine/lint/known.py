"""What is known of a case at a place: facts that are certainly not null.

A knowledge is a set. A name in it is a fact that is not null; a pair of a condition
and a name says that the fact is not null if the condition does not hold: so it is
with a required field that its condition may hide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from workflows.engine.expressions import Expression
from workflows.engine.forms import FieldKind, FormSchema
from workflows.engine.lint.conditions import can_hold
from workflows.engine.lint.model import PackView
from workflows.engine.lint.nullness import certain_names

Guard: TypeAlias = tuple[Expression, str]
Knowledge: TypeAlias = frozenset[str | Guard]

NOTHING: Knowledge = frozenset()


def names_in(knowledge: Knowledge) -> frozenset[str]:
    """Give the facts that are known without condition."""
    return frozenset(each for each in knowledge if isinstance(each, str))


def meet(ways: Iterable[Knowledge | None]) -> Knowledge | None:
    """Give what is known whichever way was taken; None for a way that nobody takes."""
    taken = [way for way in ways if way is not None]
    return frozenset.intersection(*taken) if taken else None


def after_writing(
    knowledge: Knowledge, known: Iterable[str], unknown: Iterable[str], guards: Iterable[Guard] = ()
) -> Knowledge:
    """Give the knowledge after facts were overwritten, some perhaps with null."""
    known, unknown = frozenset(known), frozenset(unknown)
    written = known | unknown
    kept = {
        each
        for each in knowledge
        if not (written & ({each} if isinstance(each, str) else {each[1], *each[0].names}))
    }
    return frozenset(kept | known | set(guards))


def after_form(view: PackView, knowledge: Knowledge, form: FormSchema | None) -> Knowledge:
    """Give the knowledge once a form has been completed."""
    known: set[str] = set()
    unknown: set[str] = set()
    guards: set[Guard] = set()
    for each in form.fields if form is not None else ():
        if each.fact is None:
            continue
        is_certain = each.is_required or each.kind is FieldKind.CHECKBOX
        if is_certain and each.hide is None:
            known.add(each.key)
        elif is_certain and each.hide is not None and each.key not in names_in(knowledge):
            if each.hide.names <= view.facts.keys() | view.constants.keys():
                guards.add((each.hide, each.key))
        elif not is_certain:
            unknown.add(each.key)
    hidden = frozenset(name for _, name in guards)
    return after_writing(knowledge, known, unknown | hidden, guards)


def after_condition(
    view: PackView,
    knowledge: Knowledge,
    true: tuple[Expression, ...],
    false: tuple[Expression, ...],
) -> Knowledge:
    """Give the knowledge once conditions have been found true and others false."""
    names: set[str] = set()
    for condition in true:
        names |= certain_names(condition.tree, truth=True)
    for condition in false:
        names |= certain_names(condition.tree, truth=False)
    known = names_in(knowledge) | names
    for each in knowledge:
        if isinstance(each, tuple) and not can_hold(view, known, (*true, each[0]), false):
            names.add(each[1])
    return knowledge | (names & view.facts.keys())


def after_table(knowledge: Knowledge, outputs: Mapping[str, bool]) -> Knowledge:
    """Give the knowledge after a decision table; the mapping tells what it always fills."""
    known = {name for name, is_filled in outputs.items() if is_filled}
    return after_writing(knowledge, known, outputs.keys() - known)

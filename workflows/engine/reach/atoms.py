"""The smallest questions that a pack asks of facts: comparisons, terms, copies."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workflows.domain.errors import DubanError
from workflows.domain.steps import FactValue
from workflows.engine.decisions import Decision
from workflows.engine.definition import Definition
from workflows.engine.elements import Element
from workflows.engine.expression_tree import (
    Arithmetic,
    Comparison,
    IsNull,
    Junction,
    ListOf,
    Literal,
    Membership,
    Name,
    Node,
    Not,
    children,
    names_of,
    render,
)
from workflows.engine.expressions import Expression, ExpressionFailed
from workflows.engine.forms import FormSchema
from workflows.engine.lint.model import BPMN
from workflows.engine.pack import Pack
from workflows.engine.parameters import parse_term, resolve_term
from workflows.engine.run import Names
from workflows.engine.xml import parse_xml

Known = Mapping[str, FactValue]


@dataclass(frozen=True, slots=True)
class Atom:
    """One question, and the names whose values decide its answer.

    ``bounds`` are the values that it compares its name with; None where it does more
    with it than compare, so that only trying every value shows where the answer turns.
    A pair compares two names with each other and nothing else.
    """

    text: str
    names: frozenset[str]
    answer: Callable[[Known], Hashable] = field(compare=False)
    bounds: tuple[object, ...] | None = field(default=None, compare=False)
    is_pair: bool = field(default=False, compare=False)


@dataclass(frozen=True)
class Scope:
    """What is looked at together: a process with all that it calls, and further questions."""

    pack: Pack
    processes: tuple[Definition, ...]
    asked: tuple[Expression, ...] = ()

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """Give the nodes of all its processes."""
        return tuple(
            element for each in self.processes for element in each.process.elements.values()
        )

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """Give the decision tables that it asks."""
        names = dict.fromkeys(each.attributes.get("decision", "") for each in self.elements)
        return tuple(self.pack.decisions[name] for name in names if name in self.pack.decisions)

    @cached_property
    def forms(self) -> tuple[FormSchema, ...]:
        """Give the forms that its tasks and events have."""
        names = dict.fromkeys(each.attributes.get("form", "") for each in self.elements)
        return tuple(self.pack.forms[name] for name in names if name in self.pack.forms)

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """Give every question that is asked of facts."""
        found = [
            *_of_trees(self.pack, self._conditions(), null_answers=False),
            *_of_trees(self.pack, (each.tree for each in self.asked), null_answers=True),
            *_of_trees(self.pack, self._hides(), null_answers=True),
            *_of_terms(self),
            *_of_outputs(self),
        ]
        return tuple(dict.fromkeys(found))

    @cached_property
    def copied(self) -> frozenset[str]:
        """Give the facts that decision tables compute from facts, or are computed from."""
        names: set[str] = set()
        for decision in self.decisions:
            for output, expression in decision.outputs:
                asked = expression.names & self.pack.facts.keys()
                names |= asked | {output} if asked else set()
        return frozenset(names)

    def _conditions(self) -> Iterator[Node]:
        names = {each.process_id for each in self.processes}
        for file in dict.fromkeys(each.process.file for each in self.processes):
            for process in parse_xml(self.pack.files[file], file).iterfind(f"{BPMN}process"):
                if process.get("id") in names:
                    for element in process.iter(f"{BPMN}conditionExpression"):
                        yield self.pack.condition((element.text or "").strip()).tree
        for decision in self.decisions:
            for condition in decision.conditions:
                yield condition.tree

    def _hides(self) -> Iterator[Node]:
        for form in self.forms:
            for each in form.fields:
                if each.hide is not None:
                    yield each.hide.tree


def _of_trees(pack: Pack, trees: Iterable[Node], *, null_answers: bool) -> Iterator[Atom]:
    known = pack.facts.keys() | pack.constants.keys()
    for tree in trees:
        for part in parts_of(tree):
            if names_of(part) <= known:
                yield atom_of(pack, part, null_answers=null_answers)


def parts_of(tree: Node) -> Iterator[Node]:
    """Take a condition apart at ``and``, ``or`` and ``not``."""
    if isinstance(tree, Junction | Not):
        for child in children(tree):
            yield from parts_of(child)
    else:
        yield tree


def atom_of(pack: Pack, tree: Node, *, null_answers: bool) -> Atom:
    """Make the question that one comparison asks."""
    expression = Expression.of(tree)

    def answer(known: Known) -> Hashable:
        names = Names(pack, known)
        try:
            if null_answers:
                return expression.holds(names, null_answers=True)
            value = expression.evaluate(names)
        except ExpressionFailed as error:
            return error.code
        return tuple(value) if isinstance(value, list) else value

    names = frozenset(names_of(tree) & pack.facts.keys())
    text = f"{render(tree)}{' or null' if null_answers else ''}"
    bounds = bounds_of(tree, names, pack.constants)
    return Atom(text, names, answer, bounds, is_pair=_is_pair(tree, names))


def _is_pair(tree: Node, names: frozenset[str]) -> bool:
    if not isinstance(tree, Comparison) or len(names) != 2:
        return False
    return isinstance(tree.left, Name) and isinstance(tree.right, Name)


def bounds_of(
    tree: Node, names: frozenset[str], constants: Mapping[str, int]
) -> tuple[object, ...] | None:
    """Give what a comparison holds its one name against; None where it does more."""
    if isinstance(tree, IsNull) and isinstance(tree.operand, Name):
        return ()
    if isinstance(tree, Name):
        return ()
    if isinstance(tree, Membership):
        return _members(tree, constants)
    if not isinstance(tree, Comparison) or len(names) != 1:
        return None
    sides = [side for side in (tree.left, tree.right) if not names_of(side) & names]
    plain = any(isinstance(side, Name) and side.id in names for side in (tree.left, tree.right))
    if len(sides) != 1 or not plain:
        return None
    return _constant(sides[0], constants)


def _members(tree: Membership, constants: Mapping[str, int]) -> tuple[object, ...] | None:
    """Give the listed values that a name is looked for among, or the code looked for in it."""
    if isinstance(tree.item, Name) and isinstance(tree.container, ListOf):
        sides = tree.container.items
    elif isinstance(tree.item, Literal) and isinstance(tree.container, Name):
        sides = (tree.item,)
    else:
        return None
    values = [_constant(side, constants) for side in sides]
    return None if None in values else tuple(value for each in values for value in each or ())


def _constant(tree: Node, constants: Mapping[str, int]) -> tuple[object, ...] | None:
    if not isinstance(tree, Literal | Name | Arithmetic):
        return None
    try:
        return (Expression.of(tree).evaluate(constants),)
    except ExpressionFailed:
        return None


def _of_terms(scope: Scope) -> Iterator[Atom]:
    for element in scope.elements:
        if element.timer is not None:
            yield from _of_term(scope.pack, element.timer)


def _of_term(pack: Pack, text: str) -> Iterator[Atom]:
    call = parse_term(text)
    names = frozenset(filter(None, (call.by, call.shortened_by)))

    def answer(known: Known) -> Hashable:
        try:
            term = resolve_term(text, pack.parameters, known)
        except DubanError as error:
            return error.code
        # A shortened term is one answer whatever its length: no path depends on it.
        is_whole = call.shortened_by is None or known.get(call.shortened_by) is None
        return (term.budget.amount, term.budget.unit) if is_whole else "shorter"

    if names:
        yield Atom(text, names, answer)


def _of_outputs(scope: Scope) -> Iterator[Atom]:
    """Keep every value of a computed fact apart."""
    for name in sorted(scope.copied):

        def answer(known: Known, name: str = name) -> Hashable:
            value = known.get(name)
            return tuple(value) if isinstance(value, list) else value

        yield Atom(f"= {name}", frozenset({name}), answer)

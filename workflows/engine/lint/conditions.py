"""Conditions behind gateways: do they compile, fit together and cover every case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice, pairwise, product

from workflows.engine.expression_tree import Comparison, IsNull, Literal, Name, Node, children
from workflows.engine.expression_types import Kind, Names, check_kinds, typing_of_names
from workflows.engine.expressions import Expression, ExpressionFailed, ExpressionRefused, Value
from workflows.engine.facts import FactDeclaration, FactType
from workflows.engine.findings import Finding, Rule
from workflows.engine.lint.model import Flow, PackView, Process
from workflows.engine.lint.model import Node as DiagramNode

MAX_CASES = 20_000

CONDITION_REFUSED = Rule(
    "condition-refused",
    "条件“{text}”不正确：{reason}",
    "The condition “{text}” is wrong: {reason}",
    "条件只能用要素、以次数或分数计的参数、常量、比较、and/or/not、in、is null。",
    "Use facts, plain parameters, literals, comparisons, and/or/not, in, is null.",
)
CONDITION_MISSING = Rule(
    "condition-missing",
    "网关“{gateway}”的连线“{id}”既没有条件，也不是默认连线。",
    "The flow “{id}” of the gateway “{gateway}” has no condition and is not its default.",
    "请写条件，或设为默认连线。",
    "Write a condition, or make it the default.",
)
CONDITION_ON_DEFAULT = Rule(
    "condition-on-default",
    "默认连线“{id}”上的条件不起作用。",
    "The condition on the default flow “{id}” has no effect.",
    "请删除条件，或取消默认。",
    "Remove the condition, or choose another default.",
)
GATEWAY_INCOMPLETE = Rule(
    "gateway-incomplete",
    "网关“{id}”没有默认连线，而当 {example} 时没有一个条件成立。",
    "The gateway “{id}” has no default flow, and with {example} no condition holds.",
    "请补条件，或设默认连线。",
    "Add a condition, or a default flow.",
)
GATEWAY_UNDECIDED = Rule(
    "gateway-undecided",
    "网关“{id}”没有默认连线，也无法证明条件覆盖了所有情形。",
    "The gateway “{id}” has no default flow, and its conditions cannot be shown to be complete.",
    "请设默认连线。",
    "Give it a default flow.",
)

_CONDITIONAL = ("exclusiveGateway", "inclusiveGateway")


def check_conditions(view: PackView) -> Iterator[Finding]:
    """Check the conditions of all gateways."""
    names = typing_of_names(view.facts.values(), view.constants)
    for process in view.processes.values():
        for node in process.nodes.values():
            flows = process.outgoing(node.id)
            if node.tag in _CONDITIONAL and len(flows) > 1:
                yield from _check_gateway(view, process, node, flows, names)
            elif node.tag in _CONDITIONAL:
                for flow in flows:
                    yield from _check_flow(process, flow, names)


def conditions_of(process: Process, gateway: str) -> tuple[tuple[Flow, Expression | None], ...]:
    """Give the flows of a gateway with their conditions, in the order of the file.

    None stands for the default flow, and for a condition that does not compile.
    """
    return tuple((flow, _compiled(flow)) for flow in process.outgoing(gateway))


def _compiled(flow: Flow) -> Expression | None:
    if flow.condition is None or flow.is_default:
        return None
    try:
        return Expression(flow.condition)
    except ExpressionRefused:
        return None


def _check_flow(process: Process, flow: Flow, names: Names) -> Iterator[Finding]:
    if flow.condition is None:
        return
    try:
        problems = check_kinds(Expression(flow.condition).tree, names, Kind.TRUTH)
    except ExpressionRefused as error:
        problems = [error.reason]
    for reason in problems:
        yield process.found(CONDITION_REFUSED, flow, text=flow.condition[:120], reason=reason)


def _check_gateway(
    view: PackView,
    process: Process,
    node: DiagramNode,
    flows: Sequence[Flow],
    names: Names,
) -> Iterator[Finding]:
    findings: list[Finding] = []
    for flow in flows:
        findings += _check_flow(process, flow, names)
        if flow.condition is None and not flow.is_default:
            findings.append(process.found(CONDITION_MISSING, flow, id=flow.id, gateway=node.id))
        if flow.condition is not None and flow.is_default:
            findings.append(process.found(CONDITION_ON_DEFAULT, flow, id=flow.id))
    yield from findings
    if findings or any(flow.is_default for flow in flows):
        return
    conditions = [Expression(flow.condition) for flow in flows if flow.condition is not None]
    example = _uncovered(view, conditions)
    if example is None:
        yield process.found(GATEWAY_UNDECIDED, node, id=node.id)
    elif example:
        yield process.found(GATEWAY_INCOMPLETE, node, id=node.id, example=example)


def _uncovered(view: PackView, conditions: Sequence[Expression]) -> str | None:
    """Find values with which no condition holds.

    Returns:
        An example in words, "" when all cases are covered, None when that cannot be told.
    """
    asked = sorted(frozenset().union(*(condition.names for condition in conditions)))
    values: list[Sequence[Value]] = []
    for name in asked:
        found = _values_of(view, name, conditions)
        if found is None:
            return None
        values.append(found)
    cases = list(islice(product(*values), MAX_CASES + 1))
    if len(cases) > MAX_CASES:
        return None
    for case in cases:
        if not _any_holds(conditions, dict(zip(asked, case, strict=True))):
            return ", ".join(f"{name} = {value}" for name, value in zip(asked, case, strict=True))
    return ""


def can_hold(
    view: PackView,
    known: frozenset[str],
    true: Sequence[Expression],
    false: Sequence[Expression],
) -> bool:
    """Tell whether some values make all of the first true and all of the second false.

    Names that are known are not null. Where it cannot be told, the answer is yes.
    """
    conditions = (*true, *false)
    asked = sorted(frozenset().union(*(condition.names for condition in conditions)))
    if not set(asked) <= view.facts.keys() | view.constants.keys():
        return True
    values: list[Sequence[Value]] = []
    for name in asked:
        found = _values_of(view, name, conditions)
        if found is None:
            return True
        values.append([each for each in found if each is not None or name not in known])
    cases = list(islice(product(*values), MAX_CASES + 1))
    if len(cases) > MAX_CASES:
        return True
    named = (dict(zip(asked, case, strict=True)) for case in cases)
    return any(
        all(condition.holds(names, null_answers=True) for condition in true)
        and not any(condition.holds(names, null_answers=True) for condition in false)
        for names in named
    )


def _any_holds(conditions: Sequence[Expression], names: Mapping[str, Value]) -> bool:
    """Tell whether a condition holds; where none has a value, an error shows it, not a gap."""
    try:
        return any(condition.holds(names) for condition in conditions)
    except ExpressionFailed:
        return True


def _values_of(
    view: PackView, name: str, conditions: Sequence[Expression]
) -> Sequence[Value] | None:
    """Give values of a name of which every region that the conditions see has one.

    None when the conditions do more with it than compare it with fixed values.
    """
    if name in view.constants:
        return (view.constants[name],)
    fact = view.facts[name]
    if fact.type is FactType.BOOL:
        return (True, False, None)
    if fact.type is FactType.CODE:
        return (*fact.choices, None)
    bounds: set[Decimal] = set()
    for condition in conditions:
        found = _bounds_of(condition.tree, name, view.constants)
        if found is None:
            return None
        bounds |= found
    return _around(fact, bounds)


def _around(fact: FactDeclaration, bounds: set[Decimal]) -> Sequence[Value] | None:
    """Give each bound with a value on both sides, and one between neighbours."""
    if fact.type not in (FactType.INTEGER, FactType.DECIMAL):
        return None
    ordered = sorted(bounds) or [Decimal(0)]
    around = {bound + step for bound in ordered for step in (-1, 0, 1)}
    if fact.type is FactType.DECIMAL:
        around |= {(low + high) / 2 for low, high in pairwise(ordered)}
    return (*sorted(around), None)


def _bounds_of(tree: Node, name: str, constants: Mapping[str, int]) -> set[Decimal] | None:
    """Find the whole numbers that a name is compared with; None for any other use of it."""
    if isinstance(tree, Comparison):
        pair = (tree.left, tree.right)
        if Name(name) in pair:
            other = pair[1] if pair[0] == Name(name) else pair[0]
            bound = _constant(other, constants)
            return None if bound is None else {bound}
    elif tree == Name(name):
        return None
    elif not isinstance(tree, Literal):
        return _bounds_below(tree, name, constants)
    return set()


def _bounds_below(tree: Node, name: str, constants: Mapping[str, int]) -> set[Decimal] | None:
    bounds: set[Decimal] = set()
    for child in children(tree):
        is_asked = child == Name(name) and isinstance(tree, IsNull)
        found: set[Decimal] | None = set() if is_asked else _bounds_of(child, name, constants)
        if found is None:
            return None
        bounds |= found
    return bounds


def _constant(node: Node, constants: Mapping[str, int]) -> Decimal | None:
    value: int | Decimal | None = constants.get(node.id) if isinstance(node, Name) else None
    if isinstance(node, Literal) and not isinstance(node.value, bool | str):
        value = node.value
    return None if value is None else Decimal(value)

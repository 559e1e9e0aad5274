"""Which facts an expression needs, and what its value says about null (DESIGN 4.2)."""

from __future__ import annotations

from workflows.engine.expression_tree import IsNull, Junction, Name, Node, Not, children

Known = frozenset[str]


def unknown_names(node: Node, known: Known) -> Known:
    """Give the names that are compared or reckoned with although they may be null."""
    if isinstance(node, Name):
        return frozenset({node.id}) - known
    if isinstance(node, IsNull):
        return frozenset() if isinstance(node.operand, Name) else unknown_names(node.operand, known)
    if isinstance(node, Junction):
        missing: Known = frozenset()
        for term in node.terms:
            missing |= unknown_names(term, known)
            known |= certain_names(term, truth=node.operator == "and")
        return missing
    return frozenset().union(*(unknown_names(child, known) for child in children(node)))


def certain_names(node: Node, *, truth: bool) -> Known:
    """Give the names that are not null once the expression has been found true or false."""
    match node:
        case Not(operand=operand):
            return certain_names(operand, truth=not truth)
        case IsNull(operand=Name(id=name), negated=negated):
            return frozenset({name}) if truth == negated else frozenset()
        case Junction(operator=operator, terms=terms):
            passes = operator == "and"
            if truth == passes:
                return frozenset().union(*(certain_names(term, truth=truth) for term in terms))
            return _decided(terms, passes=passes)
        case _:
            return _strict_names(node)


def _decided(terms: tuple[Node, ...], *, passes: bool) -> Known:
    """Give what is certain when one of the terms, nobody knows which, has decided."""
    before: Known = frozenset()
    common: Known | None = None
    for term in terms:
        here = before | certain_names(term, truth=not passes)
        common = here if common is None else common & here
        before |= certain_names(term, truth=passes)
    return common or frozenset()


def _strict_names(node: Node) -> Known:
    if isinstance(node, Name):
        return frozenset({node.id})
    if isinstance(node, IsNull | Junction | Not):
        return certain_names(node, truth=True) & certain_names(node, truth=False)
    return frozenset().union(*(_strict_names(child) for child in children(node)))

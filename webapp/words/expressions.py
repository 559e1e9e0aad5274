"""Conditions of a pack in officers' words: the names of facts, the labels of their values."""

from __future__ import annotations

from webapp.sayings import gettext, listed
from webapp.words.packs import PackWords
from workflows.engine.expression_tree import (
    Comparison,
    IsNull,
    Junction,
    ListOf,
    Literal,
    Membership,
    Name,
    Node,
    Not,
    names_of,
    render,
)
from workflows.engine.expressions import Expression


def condition_in_words(expression: Expression, speak: PackWords) -> str:
    """Write a condition; what there is no word for stands as the pack has it."""
    return _write(expression.tree, speak)


def _write(node: Node, speak: PackWords) -> str:
    match node:
        case Comparison():
            return _compare(node, speak)
        case Junction(operator=operator):
            terms = [_write(term, speak) for term in _telling(node)]
            return (gettext("，且") if operator == "and" else gettext("，或")).join(terms)
        case Not(operand=operand):
            return gettext("并非%(condition)s", condition=_write(operand, speak))
        case IsNull(operand=operand, negated=negated):
            fact = _side(operand, "", speak)
            return (
                gettext("已有%(fact)s", fact=fact)
                if negated
                else gettext("尚无%(fact)s", fact=fact)
            )
        case Membership():
            return _member(node, speak)
        case Name(id=name):
            return gettext("%(fact)s为“%(value)s”", fact=_name(name, speak), value=gettext("是"))
        case _:
            return render(node)


def _telling(node: Junction) -> list[Node]:
    """Leave out that a fact is known where another term says more of it."""
    if node.operator != "and":
        return list(node.terms)
    known = [term for term in node.terms if isinstance(term, IsNull) and term.negated]
    others = [term for term in node.terms if term not in known]
    asked = frozenset[str]().union(*(names_of(term) for term in others))
    return [*(term for term in known if not names_of(term) <= asked), *others]


def _compare(node: Comparison, speak: PackWords) -> str:
    said = {
        "==": gettext("%(left)s为“%(right)s”"),
        "!=": gettext("%(left)s不为“%(right)s”"),
        ">=": gettext("%(left)s不低于%(right)s"),
        ">": gettext("%(left)s高于%(right)s"),
        "<=": gettext("%(left)s不高于%(right)s"),
        "<": gettext("%(left)s低于%(right)s"),
    }
    if isinstance(node.right, Name) and node.right.id in speak.pack.facts:
        said["=="], said["!="] = (
            gettext("%(left)s与%(right)s一致"),
            gettext("%(left)s与%(right)s不一致"),
        )
    fact = node.left.id if isinstance(node.left, Name) else ""
    left, right = _side(node.left, "", speak), _side(node.right, fact, speak)
    return said[node.operator] % {"left": left, "right": right}


def _member(node: Membership, speak: PackWords) -> str:
    if isinstance(node.container, ListOf):
        fact = node.item.id if isinstance(node.item, Name) else ""
        quoted = listed(f"“{_side(item, fact, speak)}”" for item in node.container.items)
        text = gettext("%(fact)s不是%(values)s之一") if node.negated else ""
        text = text or gettext("%(fact)s为%(values)s之一")
        return text % {"fact": _side(node.item, "", speak), "values": quoted}
    fact = node.container.id if isinstance(node.container, Name) else ""
    text = gettext("%(fact)s不含“%(value)s”") if node.negated else gettext("%(fact)s含“%(value)s”")
    return text % {
        "fact": _side(node.container, "", speak),
        "value": _side(node.item, fact, speak),
    }


def _side(node: Node, fact: str, speak: PackWords) -> str:
    """Write a side of a comparison; a literal as the label that a fact gives it."""
    if isinstance(node, Name):
        return _name(node.id, speak)
    if isinstance(node, Literal):
        return (
            speak.value(fact, node.value) if isinstance(node.value, str | bool) else str(node.value)
        )
    return render(node)


def _name(name: str, speak: PackWords) -> str:
    """Name a fact, or a parameter with its number."""
    if name in speak.pack.facts:
        return speak.fact(name)
    value = speak.pack.constants.get(name, "")
    return gettext("%(name)s（%(value)s）", name=speak.rule(name), value=value)

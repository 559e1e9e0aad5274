"""What a corrected fact would have led to, in officers' words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from webapp.sayings import gettext, listed
from webapp.words.expressions import condition_in_words
from webapp.words.packs import PackWords
from workflows.domain.errors import DubanError
from workflows.domain.reviews import ConsequenceKind
from workflows.services.corrections.consequences import Consequence


def readable_consequences(
    found: Iterable[Consequence], speak: PackWords, levels: frozenset[str]
) -> Iterator[str]:
    """Say what would have been otherwise, of what somebody may read."""
    for each in found:
        needed = {
            speak.pack.facts[name].level.value for name in each.operands if name in speak.pack.facts
        }
        if needed <= levels:
            yield consequence_in_words(each, speak)
        else:
            yield gettext("第 %(seq)s 条：有一处判断会不同，其内容不在您的查看范围内", seq=each.seq)


def consequence_in_words(found: Consequence, speak: PackWords) -> str:
    """Say what would have been otherwise at a record."""
    match found.kind:
        case ConsequenceKind.CONDITION:
            return _condition(found, speak)
        case ConsequenceKind.TABLE:
            return _table(found, speak)
        case ConsequenceKind.OPERATION:
            return gettext(
                "第 %(seq)s 条：“%(name)s”所依据的内容会不同",
                seq=found.seq,
                name=speak.place(found.name),
            )
        case ConsequenceKind.CLOCK:
            return gettext(
                "第 %(seq)s 条起算的期限“%(rule)s”现为 %(was)s，按更正后应为 %(now)s；"
                "期限没有改动，由办理人员决定",
                seq=found.seq,
                rule=speak.rule(found.name),
                was=found.was,
                now=found.would_be,
            )
        case _:
            return gettext("第 %(seq)s 条：这一步按更正后的内容不能照样办理", seq=found.seq)


def _condition(found: Consequence, speak: PackWords) -> str:
    condition = _said(found.name, speak)
    if found.was:
        return gettext(
            "第 %(seq)s 条：“%(condition)s”当时成立，更正后不成立",
            seq=found.seq,
            condition=condition,
        )
    return gettext(
        "第 %(seq)s 条：“%(condition)s”当时不成立，更正后成立",
        seq=found.seq,
        condition=condition,
    )


def _said(text: str, speak: PackWords) -> str:
    """Write a condition; one that the pack of today cannot read stands as it is."""
    try:
        return condition_in_words(speak.pack.condition(text), speak)
    except DubanError:
        return text


def _table(found: Consequence, speak: PackWords) -> str:
    name = speak.place(found.name)
    if not isinstance(found.was, Mapping):
        return gettext(
            "第 %(seq)s 条：决策表“%(name)s”会适用别的行，结果相同", seq=found.seq, name=name
        )
    return gettext(
        "第 %(seq)s 条：决策表“%(name)s”当时得出%(was)s，更正后得出%(now)s",
        seq=found.seq,
        name=name,
        was=_values(found.was, speak),
        now=_values(found.would_be, speak),
    )


def _values(values: Any, speak: PackWords) -> str:
    return listed(
        gettext(
            "%(fact)s为“%(value)s”",
            fact=speak.fact(name),
            value=speak.value(name, value) or gettext("未填写"),
        )
        for name, value in values.items()
    )

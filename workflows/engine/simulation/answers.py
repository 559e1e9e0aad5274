"""How made-up officers fill in the forms of any pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple, TypeAlias

from workflows.domain.steps import Facts, FactValue
from workflows.engine.expressions import Expression
from workflows.engine.facts import FactType
from workflows.engine.forms import FieldKind, FormField, FormSchema
from workflows.engine.memory import Memory
from workflows.engine.pack import Pack
from workflows.engine.run import Known, Names
from workflows.engine.simulation.customs import Customs, Shares

SOMEBODY = "p_made_up"
_Draw: TypeAlias = Callable[[Random, date], FactValue]


class _Question(NamedTuple):
    """A field that somebody answers; ``hide`` is when it is not asked."""

    key: str
    draw: _Draw
    hide: Expression | None


class _Sheet(NamedTuple):
    """The questions of a form; ``beside`` are those that write no fact."""

    questions: tuple[_Question, ...]
    has_hidden: bool
    beside: tuple[str, ...]


_CATEGORY = "subject_category"


@dataclass(slots=True)
class Answers:
    """Draws what officers type into the forms of a pack; forms are looked through once."""

    pack: Pack
    customs: Customs
    _sheets: dict[str, _Sheet] = field(default_factory=dict)
    _hidden: Memory[frozenset[str]] = field(default_factory=Memory)

    def fill(self, form: str | None, facts: Facts, today: date, chance: Random) -> dict[str, Any]:
        """Give the facts that filling in a form writes; what it does not ask for is null."""
        if form is None:
            return {}
        sheet = self._sheets.get(form)
        if sheet is None:
            sheet = self._sheets[form] = self._sheet(form)
        typed = {each.key: each.draw(chance, today) for each in sheet.questions}
        if sheet.has_hidden:
            typed.update(dict.fromkeys(self._not_asked(form, sheet.questions, facts, typed)))
        for key in sheet.beside:
            del typed[key]
        return typed

    def _sheet(self, form: str) -> _Sheet:
        questions = tuple(self._ask(self.pack.forms[form]))
        beside = tuple(each.key for each in questions if each.key not in self.pack.facts)
        return _Sheet(questions, any(each.hide for each in questions), beside)

    def given(self, chance: Random) -> dict[str, FactValue]:
        """Give the facts that a case has from its opening on, without any form."""
        return {
            name: Shares.of(self.customs.shares.get(name, {}), list(of.choices)).draw(chance)
            for name, of in self.pack.facts.items()
            if of.is_given and of.type is FactType.CODE and name in self.customs.shares
        }

    def category(self, chance: Random) -> FactValue:
        """Give the category of public duty of somebody whose case opens, by the customs' shares."""
        declared = self.pack.facts.get(_CATEGORY)
        if declared is None:
            return None
        shares = self.customs.shares.get(_CATEGORY, {})
        return Shares.of(shares, list(declared.choices)).draw(chance) if shares else None

    def _not_asked(
        self, form: str, questions: tuple[_Question, ...], facts: Facts, typed: Facts
    ) -> frozenset[str]:
        known = Known(facts, typed)
        return self._hidden.answer(form, known, lambda asked: self._hide(questions, asked))

    def _hide(self, questions: tuple[_Question, ...], facts: Facts) -> frozenset[str]:
        """Find the fields that are hidden; one that is hangs no other one open."""
        hidden: dict[str, FactValue] = {}
        names = _FormNames(self.pack, Known(facts, hidden))
        for each in questions:
            if each.hide is not None and each.hide.holds(names, null_answers=True):
                hidden[each.key] = None
        return frozenset(hidden)

    def _ask(self, form: FormSchema) -> list[_Question]:
        found = ((each, self._draw_for(each)) for each in form.fields if each.is_input)
        return [_Question(each.key, draw, each.hide) for each, draw in found if draw is not None]

    def _draw_for(self, of: FormField) -> _Draw | None:
        """Say how a field is answered; None for what no rule can depend on."""
        if of.kind in (FieldKind.SELECT, FieldKind.RADIO) and of.picker is None:
            return self._choose(of)
        if of.fact is None or not of.is_required:
            return None
        if of.kind is FieldKind.NUMBER:
            return self._count(of)
        if of.kind is FieldKind.DATE:
            return lambda _, today: today.isoformat()
        if of.kind is FieldKind.CHECKLIST:
            first = [of.choices[0].value]
            return lambda *_: first
        if of.kind is FieldKind.CHECKBOX:
            return lambda *_: True
        return lambda *_: SOMEBODY

    def _choose(self, of: FormField) -> _Draw | None:
        choices = [choice.value for choice in of.choices]
        shares = Shares.of(self.customs.shares.get(of.key, {}), choices)
        is_bool = of.fact is not None and of.fact.type is FactType.BOOL
        if shares.values and not is_bool:
            return lambda chance, _: shares.draw(chance)
        if not of.is_required and not shares.values:
            return None
        first: FactValue = choices[0] == "true" if is_bool else choices[0]
        return lambda *_: first

    def _count(self, of: FormField) -> _Draw | None:
        fact = of.fact
        if fact is None:
            return None
        span = self.customs.numbers.get(of.key)
        if span is not None:
            return lambda chance, _: fact.convert(Decimal(span.draw(chance)))
        least = fact.convert(of.minimum if of.minimum is not None else Decimal(0))
        return lambda *_: least


class _FormNames(Names):
    """The names that a form's conditions see: its own fields too, which need be no facts."""

    def __init__(self, pack: Pack, facts: Mapping[str, FactValue]) -> None:
        super().__init__(pack, facts)
        self._typed = facts

    def __getitem__(self, name: str) -> Any:
        if super().__contains__(name):
            return super().__getitem__(name)
        return self._typed.get(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)

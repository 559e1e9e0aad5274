"""Why a case came to where it stands, record by record, in officers' words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from webapp.case.story import Event, story_of
from webapp.dates import today_of
from webapp.languages import language
from webapp.sayings import gettext, listed
from webapp.words import labels
from webapp.words.clocks import lateness, why_of
from webapp.words.expressions import condition_in_words
from webapp.words.flows import flow_name
from webapp.words.packs import PackWords
from webapp.work import Work
from workflows.domain.records import Armed
from workflows.domain.steps import FactValue
from workflows.engine.decisions import FittingRule
from workflows.engine.narration import Answer, Choice, Operated, Told
from workflows.queries.case.page import CasePage
from workflows.queries.case.reasons import Origin, Reason, Reasons, Source, Unfinished
from workflows.queries.case.timeline import Entry, Timeline, readable_timeline

_INTERNAL, _PERSONAL = "L1", "L2"
# Operations of which an open record tells only that the case went on.
_OF_PERSONS = frozenset({"open_case", "send_message", "start_effect"})


@dataclass(frozen=True, slots=True)
class Ground:
    """Something that was asked on the way: what came out, and the values that made it so."""

    text: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """A record of the chain as the page tells it."""

    seq: int
    kind: str
    on: date
    title: str
    by: str
    acted_on: date | None
    late: str
    missed: tuple[str, ...]
    grounds: tuple[Ground, ...]
    opened: tuple[str, ...]
    armed: tuple[str, ...]
    why: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the reasons of a case to somebody who may read some levels of it."""

    work: Work
    page: CasePage
    speak: PackWords
    levels: frozenset[str]
    offices: Mapping[str, str]

    def stages(self, reasons: Reasons) -> tuple[Stage, ...]:
        """Tell the chain, oldest first."""
        entries = tuple(reason.entry for reason in reasons.chain)
        readable = readable_timeline(
            Timeline(entries, len(entries), reasons.names),
            self.speak.pack,
            self.levels,
            self.work.actor,
        )
        events = story_of(readable, self.page.definition, self.speak)
        return tuple(
            self._for(reason).stage(reason, event)
            for reason, event in zip(reasons.chain, events, strict=True)
        )

    def _for(self, reason: Reason) -> Teller:
        """Give a teller in the words of the version that the case walked then."""
        speak = PackWords(reason.definition.pack, self.speak.names)
        return replace(self, speak=speak)

    def stage(self, reason: Reason, event: Event) -> Stage:
        """Tell one record."""
        return Stage(
            seq=event.seq,
            kind=event.kind,
            on=today_of(event.at),
            title=event.title,
            by=event.by,
            acted_on=event.on,
            late=self._late(reason),
            missed=tuple(self._missed(reason)),
            grounds=tuple(self._grounds(reason)),
            opened=tuple(
                self._task(each.task, each.office, each.roles)
                for each in reason.entry.record.effects.opened
            ),
            armed=tuple(self._armed(reason.entry)),
            why=self._why(reason),
        )

    def _why(self, reason: Reason) -> Mapping[str, Any] | None:
        if reason.clock is None:
            return None
        return why_of(self.page, reason.clock, self.work, self.speak, self.speak.names)

    def _late(self, reason: Reason) -> str:
        """Say how long after its deadline a firing happened: that is nobody's delay."""
        if reason.clock is None:
            return ""
        late = reason.entry.record.recorded_at - reason.clock.due_at
        return lateness(max(0, int(late.total_seconds())))

    def _missed(self, reason: Reason) -> Iterator[str]:
        """Say what was not done by a deadline, and whose it was."""
        clock = reason.clock
        if clock is None or not clock.due_of:
            return
        if "#" not in clock.due_of:
            scope = self.speak.place(clock.due_of)
            yield gettext("到 %(on)s 仍未完成“%(scope)s”", on=clock.due_on, scope=scope)
        for each in reason.unfinished:
            yield self._undone(each, clock.due_on)

    def _undone(self, each: Unfinished, due_on: date) -> str:
        task = self._task(each.task.task, each.task.office, each.task.roles)
        if each.claimant is None:
            return gettext("%(task)s没有办结，也无人领取", task=task)
        return gettext(
            "%(task)s没有办结，由 %(who)s 领取", task=task, who=self.speak.person(each.claimant)
        )

    def _task(self, place: str, office: str, roles: Iterable[str]) -> str:
        who = listed(labels.role(role) for role in roles)
        return gettext(
            "“%(task)s”（%(office)s：%(roles)s）",
            task=self.speak.place(place),
            office=self.offices.get(office, ""),
            roles=who,
        )

    def _armed(self, entry: Entry) -> Iterator[str]:
        for armed in entry.record.effects.armed:
            yield self._starts(armed)

    def _starts(self, armed: Armed) -> str:
        return gettext(
            "“%(rule)s”自 %(anchor)s 起算，到 %(on)s 止",
            rule=self.speak.rule(armed.rule),
            anchor=armed.anchor_on,
            on=armed.due_on,
        )

    # ------------------------------------------------------------ grounds

    def _grounds(self, reason: Reason) -> Iterator[Ground]:
        if reason.told is None:
            yield Ground(gettext("这一步所依据的内容已不能还原，判断的结果仍在记录中。"))
            return
        grounds = (self._ground(told, reason) for told in reason.told)
        # One line for all that is withheld: how much was asked would tell something too.
        yield from dict.fromkeys(ground for ground in grounds if ground is not None)

    def _ground(self, told: Told, reason: Reason) -> Ground | None:
        match told:
            case Choice():
                return self._choice(told, reason)
            case Answer():
                return self._answer(told, reason)
            case Operated():
                return self._operated(told)

    def _choice(self, choice: Choice, reason: Reason) -> Ground:
        name = self.speak.place(choice.path)
        operands = {
            key: value for _, entry in choice.asked for key, value in entry.operands.items()
        }
        if not self._may_read(operands):
            return _withheld()
        element = reason.definition.place(choice.path).element
        taken = [flow_name(self.speak, element, target) for target in choice.taken]
        asked = [
            gettext("%(condition)s：符合", condition=condition_in_words(each, self.speak))
            if entry.value
            else gettext("%(condition)s：不符合", condition=condition_in_words(each, self.speak))
            for each, entry in choice.asked
        ]
        text = gettext("判断“%(name)s”：%(taken)s", name=name, taken=listed(filter(None, taken)))
        return Ground(text, (*asked, *self._values(operands, reason)))

    def _answer(self, answer: Answer, reason: Reason) -> Ground:
        name = self.speak.place(answer.path)
        known = {**answer.operands, **answer.written}
        if not self._may_read(known):
            return _withheld()
        outcome = gettext("；").join(
            gettext(
                "%(fact)s为“%(value)s”",
                fact=self.speak.fact(key),
                value=self.speak.value(key, value),
            )
            for key, value in answer.written.items()
        )
        rows = [self._row(rule) for rule in answer.rules]
        text = gettext("决策表“%(name)s”得出：%(outcome)s", name=name, outcome=outcome)
        return Ground(text, (*rows, *self._values(answer.operands, reason)))

    def _row(self, rule: FittingRule) -> str:
        said = [condition_in_words(each, self.speak) for each in rule.conditions]
        conditions = gettext("；").join(said) or gettext("其他情形")
        # The author of a table describes its rows in Chinese only.
        if rule.description and language() == "zh":
            conditions = f"{conditions}（{rule.description}）"
        return gettext("适用第 %(number)s 行：%(said)s", number=rule.number, said=conditions)

    def _operated(self, operated: Operated) -> Ground | None:
        if operated.operation in _OF_PERSONS and _PERSONAL not in self.levels:
            return None
        name = self.speak.place(operated.path)
        if not operated.written:
            return Ground(gettext("随之“%(name)s”", name=name))
        if not self._may_read(operated.written):
            return None
        counted = gettext("；").join(
            gettext("%(fact)s计为 %(count)s", fact=self.speak.fact(key), count=value)
            for key, value in operated.written.items()
        )
        return Ground(gettext("随之“%(name)s”：%(counted)s", name=name, counted=counted))

    def _values(self, operands: Mapping[str, FactValue], reason: Reason) -> Iterator[str]:
        for name, value in operands.items():
            if name in self.speak.pack.facts:
                yield self._value(name, value, reason.sources.get(name))
            else:
                yield gettext(
                    "%(name)s：%(value)s（规则参数，%(basis)s）",
                    name=self.speak.rule(name),
                    value=value,
                    basis=self.speak.basis(name),
                )

    def _value(self, name: str, value: FactValue, source: Source | None) -> str:
        said = self.speak.value(name, value) or gettext("未填写")
        fact = self.speak.fact(name)
        if source is None or value is None:
            return gettext("%(fact)s：%(value)s", fact=fact, value=said)
        return gettext(
            "%(fact)s：%(value)s（%(source)s）", fact=fact, value=said, source=self._from(source)
        )

    def _from(self, source: Source) -> str:
        where = {"on": source.on, "seq": source.seq}
        if source.origin is Origin.TABLE:
            return gettext("决策表得出，%(on)s，第 %(seq)s 条", **where)
        if source.origin is Origin.COUNTER:
            return gettext("系统计数，%(on)s，第 %(seq)s 条", **where)
        if source.origin is Origin.REGISTER:
            return gettext("由登记的事项带入，%(on)s，第 %(seq)s 条", **where)
        if source.origin is Origin.OFFICER:
            return gettext("更正或撤销，%(on)s，第 %(seq)s 条", **where)
        if source.seq == 1:
            return gettext("登记时填写，%(on)s，第 %(seq)s 条", **where)
        return gettext(
            "“%(form)s”填写，%(on)s，第 %(seq)s 条", form=self.speak.place(source.place), **where
        )

    def _may_read(self, names: Iterable[str]) -> bool:
        facts = self.speak.pack.facts
        needed = {facts[name].level.value for name in names if name in facts}
        return {_INTERNAL, *needed} <= self.levels


def _withheld() -> Ground:
    return Ground(gettext("这里的判断所依据的内容不在您的查看范围内。"))


def offices_of(reasons: Reasons) -> set[str]:
    """Give the offices whose names the chain needs."""
    return {
        task.office
        for reason in reasons.chain
        for task in (
            *reason.entry.record.effects.opened,
            *(each.task for each in reason.unfinished),
        )
    }

"""Documents of a case as papers of the office: their descriptions filled with what is known.

They are Chinese whatever the page speaks. Nothing is read here; see
`workflows.queries.papers.documents`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from flask_babel import force_locale

from webapp.papers.official import (
    Block,
    Grid,
    Heading,
    OfficialPaper,
    Paragraph,
    date_in_full,
    number_before,
)
from webapp.words import labels
from webapp.words.packs import PackWords
from workflows.domain.budgets import Budget, ClockKind
from workflows.domain.clocks import local_date
from workflows.domain.closed_fields import is_closed
from workflows.domain.derivations import LineCode, explain
from workflows.domain.effects import Effect, Standing
from workflows.engine.documents import NAMED, NUMBER_OF, Addressee, Document, Layout, Part
from workflows.engine.run import Names
from workflows.engine.spoken import say_amount
from workflows.queries.papers.documents import Material, Remedy, form_of
from workflows.services.papers.documents import VOID_SERVICE, Told
from workflows.store.tables import Clock

CHINESE = "zh_Hans_CN"
DRAFT, DEMO = "草稿·未编号", "演示数据·虚构"
PREVIEW = "草稿"
TIMETABLE = "整改时间表"
_SECRECY = {"L1": "", "L2": "内部资料 注意保密", "L3": "内部资料 注意保密"}
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_BY_HAND, _BLANK = "＿＿＿＿", "　"
_TO_BE_WRITTEN = "＿" * 10
_VOID = "{served_void}"
# What somebody wrote himself, no office issues.
_HIMSELF = ("本人",)
# What a derivation ends with stands before it on paper; how far the calendar is official is for
# officers.
_LEFT_OUT = frozenset({LineCode.DUE, LineCode.PROVISIONAL, LineCode.CALENDAR})
_PASSED = frozenset({LineCode.SKIPPED, LineCode.MAKE_UP})
_SHARES = (1, 3)
# Rows are not broken across pages, so a longer text is no cell.
_LONGEST_CELL = 400


def document_paper(
    material: Material, today: date, *, is_real: bool, is_preview: bool = False
) -> OfficialPaper:
    """Put a document into blocks.

    Args:
        material: What it is made from.
        today: The day on which it is looked at; it stands on a draft.
        is_real: Whether the installation is no demo.
        is_preview: Whether the act that makes it has not been done yet.
    """
    with force_locale(CHINESE):
        return _Writer(material, today, is_real=is_real, is_preview=is_preview).paper()


@dataclass
class _Writer:
    """Writes one document; holds what its parts share."""

    material: Material
    today: date
    is_real: bool
    is_preview: bool
    speak: PackWords = field(init=False)

    def __post_init__(self) -> None:
        self.speak = PackWords(self.material.pack, self.material.names)

    @property
    def document(self) -> Document:
        """Give the description."""
        return self.material.line.made.document

    @property
    def _is_form(self) -> bool:
        return self.document.layout is Layout.FORM

    def paper(self) -> OfficialPaper:
        """Give the whole paper."""
        issued, is_form = self.material.line.issued, self._is_form
        marks = ["" if self.is_real else DEMO, self._draft()]
        return OfficialPaper(
            title=self.document.heading,
            blocks=tuple(self._form() if is_form else self._official()),
            head="" if is_form else self.material.office,
            is_letter=self.document.layout is Layout.LETTER,
            number=issued.number if issued else "",
            secrecy=_SECRECY[self.material.line.made.level],
            addressee="" if is_form else self._addressed() or _TO_BE_WRITTEN,
            copies=self.document.copies,
            appendices=(TIMETABLE,) if self.document.has_timetable else (),
            signers=self.document.signers,
            issuer="" if self.document.signers == _HIMSELF else self.material.office,
            issued_on=self._dated_on(),
            watermark="　".join(each for each in marks if each),
        )

    def _draft(self) -> str:
        if self.document.word and self.material.line.issued is None:
            return DRAFT
        return PREVIEW if self.is_preview else ""

    def _dated_on(self) -> date | None:
        issued = self.material.line.issued
        if issued is not None:
            return local_date(issued.issued_at)
        if self.document.is_receipt:
            return self._served_day()
        return self.today if self.document.word else self._acted_on

    @property
    def _acted_on(self) -> date:
        return local_date(self.material.line.made.record.occurred_at)

    def _addressed(self) -> str:
        """Address an organisation by its name, a person as papers of the Party do."""
        to = self._addressee(self.document)
        return f"{to}同志" if to and self.document.addressee is Addressee.PERSON else to

    def _addressee(self, document: Document) -> str:
        page = self.material.page
        if document.addressee is Addressee.ORGANISATION:
            return page.organisation_on_paper
        return (page.person or "") if document.addressee is Addressee.PERSON else ""

    # ------------------------------------------------------------------ the two layouts

    def _official(self) -> Iterator[Block]:
        written = [(part.heading, list(self._blocks(part))) for part in self._parts()]
        headings = [heading for heading, blocks in written if heading and blocks]
        count = 0
        for heading, blocks in written:
            if heading and blocks:
                count += 1
                # One heading alone has no number.
                number = number_before(1, count) if len(headings) > 1 else ""
                yield Heading(1, number + heading)
            yield from blocks

    def _form(self) -> Iterator[Block]:
        """Lay a form out as a table; what is too long for a cell stands between two of them."""
        rows: list[tuple[str, str]] = []
        for label, value in self._all_rows():
            if len(value) <= _LONGEST_CELL:
                rows.append((label, value))
                continue
            if rows:
                yield Grid((), tuple(rows), _SHARES)
            rows = []
            yield Heading(3, label)
            yield from (Paragraph(line) for line in value.splitlines())
        if rows:
            yield Grid((), tuple(rows), _SHARES)

    def _all_rows(self) -> Iterator[tuple[str, str]]:
        if not self.document.is_receipt:
            yield from self._first_rows()
        for part in self._parts():
            yield from self._rows(part)

    def _first_rows(self) -> Iterator[tuple[str, str]]:
        page = self.material.page
        yield "案号", page.case.number
        subject = page.person or page.organisation_on_paper
        yield "对象", f"{subject}（{self.material.post}）" if self.material.post else subject
        yield "承办单位", self.material.office
        yield "办理日期", date_in_full(self._acted_on)

    def _parts(self) -> Iterator[Part]:
        names = Names(self.material.pack, self.material.line.made.facts)
        for part in self.document.parts:
            if part.when is None or part.when.holds(names, null_answers=True):
                yield part

    # ------------------------------------------------------------------------ one part

    def _blocks(self, part: Part) -> Iterator[Block]:
        if part.text:
            yield Paragraph(self._filled_in(part.text))
        values = list(self._values(part))
        for label, value in values:
            is_alone = len(values) == 1 and not part.text
            for line in value.splitlines():
                yield Paragraph(line if is_alone else f"{label}：{line}")
        for line in self._reckoned(part):
            yield Paragraph(line)

    def _rows(self, part: Part) -> Iterator[tuple[str, str]]:
        if part.text == _VOID and not self._known["served_void"]:
            return
        said = [self._filled_in(part.text)] if part.text else []
        if not part.fields:
            said += self._reckoned(part)
        if said:
            yield part.heading, "\n".join(said)
        if part.fields:
            values = list(self._values(part))
            is_named = part.heading and len(part.fields) == 1
            yield from ((part.heading, value) for _, value in values) if is_named else values
            reckoned = "\n".join(self._reckoned(part))
            if reckoned:
                yield part.heading, reckoned

    def _reckoned(self, part: Part) -> Iterator[str]:
        """Write what is worked out: deadlines, remedies, effects, what they rest on."""
        if part.clock is not None and part.clock in self.material.clocks:
            yield from self._clock(self.material.clocks[part.clock])
        if part.beside is not None:
            yield from self._remedy(self.material.remedies[part.beside])
        if part.effects:
            yield from self._effects()
        for name in part.basis:
            yield f"{self.speak.rule(name)}：{self._term(name)}{self.speak.basis(name)}。"

    def _values(self, part: Part) -> Iterator[tuple[str, str]]:
        """Give what was filled in; a form leaves room for what was left empty in an act."""
        for name in part.fields:
            label, value = self._named(name)
            if value or (self._is_form and self._has_room(name)):
                yield label, value or _BLANK

    def _has_room(self, name: str) -> bool:
        """Say whether a form leaves room for what is empty: not for what nobody was asked."""
        activity, dot, key = name.partition(".")
        made, pack = self.material.line.made, self.material.pack
        if not dot or activity not in made.filled:
            return not dot
        schema = pack.forms.get(form_of(pack, activity) or "")
        filled = {key: each for key, each in made.filled[activity].items() if not is_closed(each)}
        known = {**filled, **Names(pack, {**made.facts, **filled})}
        return schema is None or key not in schema.hidden(known)

    def _filled_in(self, text: str) -> str:
        blank = _BLANK if self._is_form else _BY_HAND
        return NAMED.sub(lambda found: self._named(found[1])[1] or blank, text)

    def _named(self, name: str) -> tuple[str, str]:
        """Give what a fact, a field or a known thing is called, and its value or nothing."""
        if name.startswith(f"{NUMBER_OF}."):
            return "文号", self.material.numbers.get(name.partition(".")[2], "")
        return ("", self._known[name]) if name in self._known else self._recorded(name)

    def _recorded(self, name: str) -> tuple[str, str]:
        """Give what a fact or field is called, and what the records say of it."""
        made = self.material.line.made
        activity, dot, key = name.partition(".")
        if not dot:
            return self.speak.fact(name), _dated(self.speak.value(name, made.facts.get(name)))
        form = form_of(self.material.pack, activity)
        filled = self.speak.filled_fields(form, made.filled.get(activity, {}))
        for field_key, label, value in filled:
            if field_key == key:
                return label, _dated(value)
        return self.material.pack.name(f"form.{form}", key, "zh"), ""

    @cached_property
    def _known(self) -> dict[str, str]:
        page = self.material.page
        return {
            "organisation": page.organisation_on_paper,
            "person": page.person or "",
            "post": self.material.post,
            "case": page.case.number,
            "office": self.material.office,
            "rules": f"{self.material.pack.title()}，版本 {self.material.pack.version_label}",
            "acted_on": date_in_full(self._acted_on),
            "acted_by": self.material.acted_by,
            **self._service(),
        }

    def _service(self) -> dict[str, str]:
        """Give what a receipt says of what was served; the day may have come later."""
        document = self.material.line.made.served
        if document is None:
            return {}
        void, day = self.material.line.made.void, self._served_day()
        way = self._recorded(document.served_way)[1] if document.served_way else ""
        return {
            "served_name": document.heading,
            "served_number": self.material.line.served_number,
            "served_to": self._addressee(document),
            "served_on": date_in_full(day) if day else "",
            "served_way": way,
            "served_void": "" if void is None else self._void(void),
        }

    def _served_day(self) -> date | None:
        """Give the day of the service that a receipt proves, once it is known."""
        day = self.material.line.made.served_day
        return date.fromisoformat(day) if day else None

    def _void(self, void: Told) -> str:
        """Say that a service was found void, why and when, and what counts instead."""
        fields = {key: value for key, _, value in self.speak.filled_fields(VOID_SERVICE, void.form)}
        on = date_in_full(local_date(void.record.occurred_at))
        ground, proof = fields.get("void_ground", ""), fields.get("service_proof", "")
        return f"{on}认定送达无效（{ground}，作废{proof}），期限自有效送达之日重新起算。"

    # ------------------------------------------------------------------- worked out

    def _clock(self, clock: Clock) -> Iterator[str]:
        """Write a deadline with how it was reckoned, as it stood when the document was made."""
        calendar = self.material.calendars[clock.calendar]
        derivation = explain(
            clock.anchor_on,
            Budget.of(clock.budget, clock.unit),
            ClockKind(clock.kind),
            calendar,
        )
        due = derivation.due
        provisional = "（放假通知尚未公布，日期暂定）" if due.provisional else ""
        yield f"最后一日：{date_in_full(due.due_on)}{provisional}。"
        # Of natural days none is passed over but the last, and that it moved is a line of its own.
        passed = frozenset() if clock.unit == "workdays" else _PASSED
        yield "计算方式：" + _steps(
            line.text("zh") for line in derivation.lines if line.code not in _LEFT_OUT | passed
        )
        yield from self._corrected_anchor(clock)

    def _corrected_anchor(self, clock: Clock) -> Iterator[str]:
        """Say why a deadline does not count from the day that the text names (ADR 0052)."""
        anchor = self.material.anchors.get(clock.rule, "")
        day = self.material.line.made.facts.get(anchor)
        if isinstance(day, str) and day != clock.anchor_on.isoformat():
            counted, corrected = (
                date_in_full(clock.anchor_on),
                date_in_full(date.fromisoformat(day)),
            )
            yield (
                f"{self.speak.fact(anchor)}由{counted}更正为{corrected}。"
                f"更正不改变期限：仍自{counted}起算，最后一日不变。"
            )

    def _remedy(self, remedy: Remedy) -> Iterator[str]:
        yield f"受理单位：{remedy.office}。"
        term = self._term(remedy.rule) if remedy.rule else ""
        window = remedy.window
        if window is None:
            yield f"期限：自送达之日起{term}最后一日于送达时填写：{_BY_HAND}。"
            return
        from_on, until_on = date_in_full(window.from_on), date_in_full(window.until_on)
        yield f"期限：自{from_on}送达之日起{term}最后一日为{until_on}。"

    def _term(self, rule: str) -> str:
        """Write how long a rule gives, with the case's class where it depends on one."""
        parameter = self.material.pack.parameters[rule]
        amount = parameter.amount
        if amount is None and parameter.by is not None:
            amount = parameter.amounts.get(str(self.material.line.made.facts.get(parameter.by)))
        return "" if amount is None else f"{say_amount(amount, 'zh')}，"

    def _effects(self) -> Iterator[str]:
        """Write the effects as they were computed; what became of them later is another paper's."""
        effects = self.material.page.effects
        standing = [each for each in effects if each.standing != Standing.VOID]
        newest = {each.kind: each for each in sorted(effects, key=lambda each: each.seq)}
        for effect in standing or newest.values():
            yield f"{labels.effect(effect.kind)}：{_period(effect)}。"


def _period(effect: Effect) -> str:
    from_on = date_in_full(effect.from_on)
    if effect.until_on is None:
        return f"自{from_on}起，至本届任期届满之日止"
    return f"自{from_on}起，至{date_in_full(effect.until_on)}止"


def _steps(texts: Iterator[str]) -> str:
    return _dated("；".join(text.rstrip("。") for text in texts)).replace(" ", "") + "。"


def _dated(text: str) -> str:
    """Write dates as papers have them."""
    return _ISO.sub(lambda found: date_in_full(date.fromisoformat(found[0])), text)

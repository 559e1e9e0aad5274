"""What the templates of a case need, from what was read of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from webapp import words
from webapp.dates import lasting, left, left_beside
from webapp.languages import language
from webapp.pack_words import PackWords
from webapp.refusal_words import cannot_because, pair_notice
from webapp.sayings import gettext
from webapp.work import Work
from workflows.domain.budgets import Budget, ClockKind
from workflows.domain.colours import Light
from workflows.domain.derivations import LineCode, explain
from workflows.domain.errors import NotAllowed
from workflows.domain.pauses import Pause
from workflows.domain.reviews import REVIEW
from workflows.domain.roles import CASE_ROLES, Role
from workflows.engine import Activity, MessageEvent
from workflows.queries.case_offices import sought_task
from workflows.queries.case_page import CasePage, Firing, TaskLine
from workflows.queries.delegations import Offers, offers_for
from workflows.queries.names import names_of
from workflows.services.access import is_concerned
from workflows.services.calendars import calendar_of
from workflows.services.corrections.late import CONFIRMING_ROLES
from workflows.services.offices import Place, office_for
from workflows.services.staff.delegating import BORROWING_ROLES
from workflows.services.steps.beside_first import holder_of
from workflows.services.steps.clockwork import term_of
from workflows.services.steps.eligibility import Standing, standing_of
from workflows.services.steps.handing_on import MOVING_ROLES
from workflows.services.steps.paper import OFFICER_ROLES
from workflows.services.steps.signing import signatures_in
from workflows.services.steps.tasks import HANDING_ROLES
from workflows.store.tables import Clock

PAUSING_ROLES = ("R05", "R06")
_OFFERED_TO = (*HANDING_ROLES, "R04")
_AT_ONCE = 60  # seconds
_ENDS = frozenset({LineCode.DUE, LineCode.PROVISIONAL})


@dataclass(frozen=True, slots=True)
class CoSign:
    """What waits for the principal: who does what two should, why, and what they filled in."""

    by: tuple[tuple[str, str], ...]
    filled: tuple[tuple[str, str], ...]
    may: bool


@dataclass(frozen=True, slots=True)
class TaskCard:
    """An open task as its card shows it, with what this viewer may do.

    ``refusal`` says why he may not; ``pair`` what he has to make up for where he may;
    ``held`` for what beside the case the task waits, whoever would do it.
    """

    key: str
    place: str
    name: str
    url: str
    address: Mapping[str, Any]
    colour: str
    note: str
    due_on: date | None
    rung: int | None
    office: str
    roles: str
    claimant: str | None
    is_mine: bool
    may_do: bool
    may_paper: bool
    may_reassign: bool
    signatures: int
    is_discipline: bool
    refusal: str = ""
    pair: str = ""
    held: str = ""
    co_sign: CoSign | None = None
    offers: Offers | None = None
    may_borrow: bool = False
    may_move: bool = False


@dataclass(frozen=True, slots=True)
class Awaited:
    """Something that the case waits for and that somebody may bring."""

    path: str
    name: str
    url: str
    may_send: bool
    may_paper: bool


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A running or stopped clock with why it has its date.

    ``key`` and ``due_key`` are for addresses: of the clock, and of the task that it dates,
    null where it dates none.
    """

    key: str
    due_key: str | None
    place: str
    path: str
    n: int
    name: str
    of: str
    state: str
    due_on: date
    left: str
    left_days: str
    budget: str
    provisional: bool
    why: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain of escalation."""

    on: date
    text: str
    lateness: str
    opened: tuple[str, ...]
    is_missed: bool
    why: dict[str, Any]
    name: str
    path: str
    n: int


def task_cards(page: CasePage, work: Work, speak: PackWords) -> tuple[TaskCard, ...]:
    """Give the open tasks, those that the viewer may do first."""
    signed = signatures_in(work.session, page.case.id)
    cards = [_card(page, task, work, speak, signed.get(task.place, ())) for task in page.tasks]
    return tuple(sorted(cards, key=lambda card: (not card.may_do, card.due_on or date.max)))


def card_at(cards: Iterable[TaskCard], path: str, n: int) -> TaskCard | None:
    """Find the card of an open task."""
    for card in cards:
        if card.address["path"] == path and card.address["n"] == n:
            return card
    return None


def _card(
    page: CasePage, task: TaskLine, work: Work, speak: PackWords, signed: Sequence[Any]
) -> TaskCard:
    row = task.row
    activity = page.definition.activity(row.path)
    standing, refusal = _standing(page, task, work)
    held = holder_of(work.session, page.case.id, activity)
    is_review = row.path == REVIEW
    address: dict[str, Any] = {"case_id": page.case.id, "path": row.path, "n": row.n}
    roles = row.roles.split()
    own = is_concerned(work.actor, page.case.subject_person_id)
    is_open = page.case.state == "open" or is_review
    org_path = page.case.org_path
    return TaskCard(
        key=key_of(task.place),
        place=task.place,
        name=speak.activity(row.activity),
        url=url_for("cases.task", **address),
        address=address,
        colour=colour_of(task.light),
        note=left_beside(colour_of(task.light), row.due_on, work.today),
        due_on=row.due_on,
        rung=row.rung,
        office=task.office,
        roles="、".join(words.role(role) for role in roles),
        claimant=task.claimant,
        is_mine=row.claimant == work.actor.account_id,
        may_do=is_open
        and held is None
        and standing is not None
        and row.claimant in (None, work.actor.account_id, standing.acting_for),
        may_paper=is_open
        and held is None
        and not own
        and not is_review
        and _serves(work, OFFICER_ROLES, org_path),
        may_reassign=is_open and not own and _serves(work, HANDING_ROLES, org_path),
        signatures=activity.signatures,
        is_discipline=row.line == "discipline",
        refusal=cannot_because(refusal, speak) if is_open and refusal else "",
        held="" if held is None else _held(*held, speak),
        pair=pair_notice(standing.pair, standing.role) if standing and standing.pair else "",
        offers=offers_for(work.session, page, task, work.today)
        if row.claimant is None and not own and _serves(work, _OFFERED_TO, org_path)
        else None,
        may_move=work.actor.holds(MOVING_ROLES, task.office_path) is not None,
        may_borrow=work.actor.holds(BORROWING_ROLES, task.office_path) is not None,
        co_sign=_co_sign(task, work, speak, activity, signed) if is_open and not own else None,
    )


def _held(process: str, number: str, speak: PackWords) -> str:
    return gettext(
        "%(process)s（%(number)s）正在办理，答复送达后才能办这一步",
        process=speak.process(process),
        number=number,
    )


def _standing(
    page: CasePage, task: TaskLine, work: Work
) -> tuple[Standing | None, NotAllowed | None]:
    try:
        return standing_of(work.session, sought_task(page, task), work.actor), None
    except NotAllowed as refusal:
        return None, refusal


def _co_sign(
    task: TaskLine, work: Work, speak: PackWords, activity: Activity, signed: Sequence[Any]
) -> CoSign | None:
    pairs = [each for each in signed if each.pair_with]
    if not pairs or len(signed) < activity.signatures:
        return None
    may = work.actor.holds((Role.PRINCIPAL,), task.office_path) is not None
    may = may and (work.actor.person_id or work.actor.account_id) not in {
        each.signer for each in signed
    }
    names = names_of(work.session, [each.signer for each in pairs])
    return CoSign(
        by=tuple(
            (
                gettext(
                    "%(name)s 在本案中既担任%(other)s，又担任%(role)s",
                    name=names.get(each.signer, each.signer),
                    other=words.role(each.pair_with),
                    role=words.role(each.role),
                ),
                each.reason or "",
            )
            for each in pairs
        ),
        filled=tuple(speak.filled(activity.form, signed[0].values)) if may else (),
        may=may,
    )


def key_of(place: str) -> str:
    """Write path#n as the name of a place on a page."""
    return place.replace("/", "-").replace("#", "-")


def _serves(work: Work, roles: Iterable[str], org_path: str) -> bool:
    return work.actor.serves(roles, org_path) is not None


def may_pause(page: CasePage, work: Work) -> bool:
    """Say whether the viewer may stop and resume clocks of a case."""
    return page.case.state == "open" and _serves(work, PAUSING_ROLES, page.case.org_path)


def may_confirm(page: CasePage, work: Work) -> bool:
    """Say whether the viewer may decide on late entries of a case."""
    return _serves(work, CONFIRMING_ROLES, page.case.org_path)


def may_correct(page: CasePage, work: Work) -> bool:
    """Say whether the viewer may correct something in a case; the form says what."""
    if page.case.state == "stopped" or is_concerned(work.actor, page.case.subject_person_id):
        return False
    return _serves(work, tuple(CASE_ROLES), page.case.org_path)


def may_enter_late(page: CasePage, work: Work) -> bool:
    """Say whether the viewer may enter what came in time but was not recorded."""
    return page.case.state == "open" and _serves(work, OFFICER_ROLES, page.case.org_path)


def may_enter_pause(page: CasePage, work: Work) -> bool:
    """Say whether the viewer may enter a pause that began before it was known."""
    roles = (*OFFICER_ROLES, *PAUSING_ROLES)
    return page.case.state == "open" and _serves(work, roles, page.case.org_path)


def may_decide_stopped(page: CasePage, work: Work) -> bool:
    """Say whether the viewer is the approver of a case that was stopped."""
    return page.case.state == "stopped" and _serves(work, ("R06",), page.case.org_path)


def awaited(page: CasePage, work: Work, speak: PackWords) -> tuple[Awaited, ...]:
    """Give what the case waits for that people bring, as far as the viewer may bring it."""
    if page.case.state != "open":
        return ()
    found = []
    for path in page.case.awaited:
        event = page.definition.message(path)
        if event.form is None and not event.roles:
            continue
        may_paper = _serves(work, OFFICER_ROLES, page.case.org_path)
        may_send = _may_send(page, event, work)
        if may_send or may_paper:
            url = url_for("cases.message", case_id=page.case.id, path=path)
            found.append(Awaited(path, speak.activity(event.id), url, may_send, may_paper))
    return tuple(found)


def _may_send(page: CasePage, event: MessageEvent, work: Work) -> bool:
    case = page.case
    place = Place(case.subject_organisation_id, case.org_path, page.matter.registering_office_id)
    office = office_for(work.session, event.office_rule or "matter_office", place)
    return work.actor.holds(event.roles, office.path) is not None


def colour_of(light: Light) -> str:
    """Give the colour of a light as chips know it."""
    return "paused" if light.is_hatched else light.colour.value


def case_colour(page: CasePage) -> str:
    """Give the colour of the case: done where it has ended."""
    return "done" if page.case.state == "ended" else colour_of(page.light)


def clock_lines(
    page: CasePage, work: Work, speak: PackWords, names: Mapping[str, str]
) -> tuple[ClockLine, ...]:
    """Give the live clocks, nearest first, each with its derivation."""
    return tuple(_clock_line(page, clock, work, speak, names) for clock in page.clocks)


def _clock_line(
    page: CasePage, clock: Clock, work: Work, speak: PackWords, names: Mapping[str, str]
) -> ClockLine:
    budget = _budget(clock)
    return ClockLine(
        key=key_of(f"{clock.path}#{clock.n}"),
        due_key=key_of(clock.due_of) if clock.due_of and "#" in clock.due_of else None,
        place=f"{clock.path}#{clock.n}",
        path=clock.path,
        n=clock.n,
        name=speak.rule(clock.rule),
        of=speak.place(clock.due_of) if clock.due_of else "",
        state=clock.state,
        due_on=clock.due_on,
        left=left(clock.due_on, work.today),
        left_days=left_beside("red", clock.due_on, work.today),
        budget=budget.text(language()),
        provisional=clock.provisional,
        why=why_of(page, clock, work, speak, names),
    )


def _budget(clock: Clock) -> Budget:
    return Budget.of(clock.budget, clock.unit)


def why_of(
    page: CasePage, clock: Clock, work: Work, speak: PackWords, names: Mapping[str, str]
) -> dict[str, Any]:
    """Derive a clock's date anew and tell it line by line.

    A stopped clock keeps the date that it had; when it would end if it went on today is
    said beside it.
    """
    calendar = calendar_of(work.session, clock.calendar).for_region(page.case.org_path)
    pauses = [
        Pause(row.from_on, row.to_on, row.reason, names.get(row.approver, row.approver))
        for row in page.pauses
        if (row.path, row.n) == (clock.path, clock.n)
    ]
    derivation = explain(
        clock.anchor_on,
        _budget(clock),
        ClockKind(clock.kind),
        calendar,
        pauses,
        extension_days=clock.extension_days,
        rule=speak.rule(clock.rule),
    )
    steps = [{"text": line.text(language())} for line in derivation.lines if line.code not in _ENDS]
    if clock.state == "paused":
        due = term_of(clock).due(calendar, pauses, work.today)
        steps.append({"text": gettext("如今天恢复计时，期限为 %(on)s", on=due.due_on)})
    return {
        "title": speak.place(clock.due_of) if clock.due_of else speak.rule(clock.rule),
        "due_on": clock.due_on,
        "provisional": clock.provisional,
        "basis": speak.basis(clock.rule),
        "steps": steps,
        "skipped": (),
        "pauses": (),
    }


def chain(
    firings: Iterable[Firing], page: CasePage, work: Work, speak: PackWords
) -> tuple[Link, ...]:
    """Tell which deadlines passed, one after the other, why then, and what each led to."""
    return tuple(
        Link(
            on=firing.clock.due_on,
            text=_what_passed(firing, speak),
            lateness=lateness(firing.late_seconds),
            opened=tuple(speak.activity(each) for each in firing.opened),
            is_missed=bool(firing.clock.due_of),
            why=why_of(page, firing.clock, work, speak, speak.names),
            name=speak.rule(firing.clock.rule),
            path=firing.clock.path,
            n=firing.clock.n,
        )
        for firing in firings
    )


def has_escalated(links: Iterable[Link]) -> bool:
    """Say whether a missed deadline led to anything but a colour."""
    return any(link.opened and link.is_missed for link in links)


def _what_passed(firing: Firing, speak: PackWords) -> str:
    """Name a deadline that somebody missed, or a period that just ended: nobody had to act."""
    rule = speak.rule(firing.clock.rule)
    if firing.clock.due_of:
        return gettext("“%(rule)s”到期未办", rule=rule)
    return gettext("“%(rule)s”期满", rule=rule)


def lateness(seconds: int) -> str:
    """Say how long after a deadline the sweep acted."""
    if seconds < _AT_ONCE:
        return gettext("到期即时发现")
    return gettext("到期后 %(time)s巡检发现", time=lasting(seconds))

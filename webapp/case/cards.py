"""The open tasks of a case and what it waits for, with what the viewer may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from webapp.case.allowed import serves
from webapp.dates import left_beside
from webapp.sayings import gettext, listed
from webapp.words import labels
from webapp.words.clocks import colour_of, key_of
from webapp.words.packs import PackWords
from webapp.words.refusals import cannot_because, pair_notice
from webapp.work import Work
from workflows.domain.errors import NotAllowed
from workflows.domain.reviews import REVIEW
from workflows.domain.roles import Role
from workflows.engine import Activity, MessageEvent
from workflows.queries.case.offices import sought_task
from workflows.queries.case.page import CasePage, TaskLine
from workflows.queries.names import names_of
from workflows.queries.staff.delegations import Offers, offers_for
from workflows.services.access import is_concerned
from workflows.services.offices import Place, office_for
from workflows.services.staff.delegating import BORROWING_ROLES
from workflows.services.steps.beside_first import holder_of
from workflows.services.steps.eligibility import Standing, standing_of
from workflows.services.steps.handing_on import MOVING_ROLES
from workflows.services.steps.paper import OFFICER_ROLES
from workflows.services.steps.signing import signatures_in
from workflows.services.steps.tasks import HANDING_ROLES

_OFFERED_TO = (*HANDING_ROLES, "R04")


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
    ``held`` for what beside the case the task waits, whoever would do it; ``has_signed`` that
    he is one of those whose signature it has.
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
    has_signed: bool = False
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
        roles=listed(labels.role(role) for role in roles),
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
        and serves(work, OFFICER_ROLES, org_path),
        may_reassign=is_open and not own and serves(work, HANDING_ROLES, org_path),
        signatures=activity.signatures,
        is_discipline=row.line == "discipline",
        refusal=cannot_because(refusal, speak) if is_open and refusal else "",
        held="" if held is None else _held(*held, speak),
        pair=pair_notice(standing.pair, standing.role) if standing and standing.pair else "",
        offers=offers_for(work.session, page, task, work.today)
        if row.claimant is None and not own and serves(work, _OFFERED_TO, org_path)
        else None,
        has_signed=_signs(work) in {each.signer for each in signed},
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


def _signs(work: Work) -> str:
    """Give who the viewer is among signers: a person where he is known as one."""
    return work.actor.person_id or work.actor.account_id


def _co_sign(
    task: TaskLine, work: Work, speak: PackWords, activity: Activity, signed: Sequence[Any]
) -> CoSign | None:
    pairs = [each for each in signed if each.pair_with]
    if not pairs or len(signed) < activity.signatures:
        return None
    may = work.actor.holds((Role.PRINCIPAL,), task.office_path) is not None
    may = may and _signs(work) not in {each.signer for each in signed}
    names = names_of(work.session, [each.signer for each in pairs])
    return CoSign(
        by=tuple(
            (
                gettext(
                    "%(name)s 在本案中既担任%(other)s，又担任%(role)s",
                    name=names.get(each.signer, each.signer),
                    other=labels.role(each.pair_with),
                    role=labels.role(each.role),
                ),
                each.reason or "",
            )
            for each in pairs
        ),
        filled=tuple(speak.filled(activity.form, signed[0].values)) if may else (),
        may=may,
    )


def awaited(page: CasePage, work: Work, speak: PackWords) -> tuple[Awaited, ...]:
    """Give what the case waits for that people bring, as far as the viewer may bring it."""
    if page.case.state != "open":
        return ()
    found = []
    for path in page.case.awaited:
        event = page.definition.message(path)
        if event.form is None and not event.roles:
            continue
        may_paper = serves(work, OFFICER_ROLES, page.case.org_path)
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

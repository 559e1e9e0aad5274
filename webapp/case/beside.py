"""What a viewer may ask for or begin beside a case, in words, and why where he may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from webapp.languages import language
from webapp.sayings import gettext
from webapp.words.errors import explain
from webapp.words.expressions import condition_in_words
from webapp.words.packs import PackWords
from webapp.work import Work
from workflows.domain.budgets import Budget
from workflows.domain.derivations import LineCode
from workflows.domain.derivations import explain as derive
from workflows.domain.errors import DubanError
from workflows.engine import Pack
from workflows.queries.case.beside import Neighbour, neighbours, offers_of
from workflows.queries.case.page import CasePage
from workflows.queries.papers.clearance_replies import renewals_about
from workflows.services.access import is_concerned
from workflows.services.calendars import current_calendar
from workflows.services.steps.beside import BesideUnready, Offer, Window
from workflows.services.steps.paper import OFFICER_ROLES

_ENDS = frozenset({LineCode.DUE, LineCode.PROVISIONAL})


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One process on the list; ``why_not`` says why the viewer may not open it himself."""

    process: str
    name: str
    may_open: bool
    may_paper: bool
    why_not: str
    window: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class NeighbourLine:
    """A linked case with its address."""

    number: str
    name: str
    url: str
    is_origin: bool
    is_over: bool


def offer_lines(page: CasePage, work: Work, pack: Pack) -> tuple[OfferLine, ...]:
    """Give what can be opened beside a case under today's pack, and why not by this viewer."""
    speak = PackWords(pack, {})
    found = offers_of(work.session, work.actor, pack, page)
    return tuple(_line(offer, page, work, speak) for offer in found)


def _line(offer: Offer, page: CasePage, work: Work, speak: PackWords) -> OfferLine:
    serves = work.actor.serves(OFFICER_ROLES, page.case.org_path) is not None
    own = is_concerned(work.actor, page.case.subject_person_id)
    return OfferLine(
        process=offer.opening.process_id,
        name=speak.process(offer.opening.process_id),
        may_open=offer.refusal is None,
        may_paper=offer.is_ready and serves and not own,
        why_not="" if offer.refusal is None else _why_not(offer, offer.refusal, speak),
        window=window_words(offer.window, page, work, speak) if offer.window else None,
    )


def _why_not(offer: Offer, refusal: DubanError, speak: PackWords) -> str:
    when = offer.opening.when
    if isinstance(refusal, BesideUnready) and when is not None:
        needed = condition_in_words(when, speak)
        return gettext("现在还不能提出，条件是：%(condition)s", condition=needed)
    return gettext("您不能自己提出：%(why)s", why=explain(refusal))


def window_words(window: Window, page: CasePage, work: Work, speak: PackWords) -> Mapping[str, Any]:
    """Say until when, and how that day was reckoned."""
    parameter = speak.pack.parameters[window.rule]
    calendar = current_calendar(work.session).for_region(page.case.org_path)
    steps: list[Mapping[str, str]] = []
    if parameter.amount is not None and parameter.kind is not None:
        budget = Budget.of(parameter.amount.value, parameter.amount.unit)
        derivation = derive(
            window.from_on, budget, parameter.kind, calendar, rule=speak.rule(window.rule)
        )
        lines = (line for line in derivation.lines if line.code not in _ENDS)
        steps = [{"text": line.text(language())} for line in lines]
    return {
        "title": speak.rule(window.rule),
        "due_on": window.until_on,
        "is_over": work.today > window.until_on,
        "provisional": False,
        "basis": speak.basis(window.rule),
        "steps": steps,
        "skipped": (),
        "pauses": (),
    }


def renewal_lines(page: CasePage, work: Work) -> tuple[tuple[str, str], ...]:
    """Give number and address of the clearance replies that an appeal has made untrue."""
    case = page.case
    if case.subject_person_id is None or page.definition.opening is None:
        return ()
    return tuple(
        (reply.number or "", url_for("clearance.one", reply_id=reply.id))
        for reply in renewals_about(work.session, case.subject_person_id)
    )


def neighbour_lines(page: CasePage, work: Work, pack: Pack) -> tuple[NeighbourLine, ...]:
    """Give the cases that a case is linked with and the viewer may see, in today's words."""
    speak = PackWords(pack, {})
    return tuple(_neighbour(each, speak) for each in neighbours(work.session, page.case))


def _neighbour(each: Neighbour, speak: PackWords) -> NeighbourLine:
    return NeighbourLine(
        number=each.number,
        name=speak.process(each.process_id),
        url=url_for("cases.page", case_id=each.id),
        is_origin=each.is_origin,
        is_over=each.state == "ended",
    )

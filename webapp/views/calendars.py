"""The working days of a region, and what a change of them would move before it is saved."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from webapp.forms.organisations import find_place
from webapp.gates.permissions import Permission, may, requires
from webapp.sayings import gettext
from webapp.screens.calendar import KINDS, STATUSES, CalendarForm, shown_effect, year_of
from webapp.words.errors import explain, sentence_for
from webapp.work import Work, in_transaction
from workflows.domain.calendar_changes import CalendarChangeInvalid
from workflows.domain.errors import DubanError, InvalidInput, NotFound
from workflows.domain.statutory import FIRST_YEAR, LAST_YEAR
from workflows.queries.versions.calendars import calendar_page, proposal_rows, unit_at, unit_of
from workflows.services.versions.calendar_changes import (
    EffectChanged,
    NothingChanges,
    SecondPersonNeeded,
    change_calendar,
    effect_of,
)
from workflows.services.versions.calendar_proposals import ProposalThere, propose
from workflows.services.versions.version_errors import NoteMissing
from workflows.store.tables import Organisation

blueprint = Blueprint("calendars", __name__, url_prefix="/administration/calendar")


@blueprint.get("/")
@requires(Permission.ADMINISTRATION)
@in_transaction
def page(work: Work) -> Any:
    """Show a year of a region's calendar, its versions, and the form of a change."""
    return _page(work, _asked_place(work), CalendarForm())


@blueprint.post("/effect")
@requires(Permission.CALENDARS)
@in_transaction
def effect(work: Work) -> Any:
    """Show what a change would move; nothing is written."""
    form, place = _sent(work)
    if place is None:
        return make_response(_page(work, _asked_place(work), form), 422)
    return _effect(work, place, form)


@blueprint.post("/")
@requires(Permission.CALENDARS)
@in_transaction
def change(work: Work) -> Any:
    """Put a change in force that moves nothing; its effect is shown anew if it is another."""
    form, place = _sent(work)
    if place is None:
        return make_response(_page(work, _asked_place(work), form), 422)
    days = form.change(place.path)
    try:
        change_calendar(work.session, work.actor, work.now, days, request.form.get("seen", ""))
    except (EffectChanged, SecondPersonNeeded) as error:
        return _effect(work, place, form, error)
    except (NothingChanges, CalendarChangeInvalid) as error:
        return _refused(work, place, form, error)
    flash(gettext("日历已保存并立即生效，有关期限在下一次巡检时重新计算。"), "success")
    return redirect(url_for("calendars.page", place=place.code, year=days.first_on.year))


@blueprint.post("/proposals")
@requires(Permission.CALENDARS)
@in_transaction
def submit(work: Work) -> Any:
    """Put a change forward that moves deadlines, for another administrator to decide on."""
    form, place = _sent(work)
    if place is None:
        return make_response(_page(work, _asked_place(work), form), 422)
    seen, note = request.form.get("seen", ""), request.form.get("note", "")
    try:
        days = form.change(place.path)
        made = propose(work.session, work.actor, work.now, days, seen, note)
    except (EffectChanged, ProposalThere, NoteMissing) as error:
        return _effect(work, place, form, error)
    except (NothingChanges, CalendarChangeInvalid) as error:
        return _refused(work, place, form, error)
    flash(gettext("日历改动已提交，由另一位管理员审批后生效。"), "success")
    return redirect(url_for("calendar_proposals.page", proposal_id=made.id))


def _sent(work: Work) -> tuple[CalendarForm, Organisation | None]:
    """Read the form of a change, and its place if it is filled in as it has to be."""
    form = CalendarForm()
    return form, find_place(work.session, form.place) if form.validate_on_submit() else None


def _refused(work: Work, place: Organisation, form: CalendarForm, error: InvalidInput) -> Any:
    form.kind.errors = [explain(error)]
    return make_response(_page(work, place, form), 422)


def _asked_place(work: Work) -> Organisation:
    code = request.args.get("place", "")
    found = unit_of(work.session, code) if code else unit_at(work.session, _own_path(work))
    if found is None:
        raise NotFound(what="organisation", key=code)
    return found


def _own_path(work: Work) -> str:
    return min((grant.unit_path for grant in work.actor.grants), default="")


def _page(work: Work, place: Organisation, form: CalendarForm) -> str:
    asked = request.args.get("year", 0, type=int)
    year = asked if FIRST_YEAR <= asked <= LAST_YEAR else work.today.year
    if not form.is_submitted():
        form.place.data = place.code
    shown = calendar_page(work.session, place.path, year)
    return render_template(
        "administration/calendar.html",
        place=place,
        year=year,
        years=[each for each in (year - 1, year, year + 1) if FIRST_YEAR <= each <= LAST_YEAR],
        shown=shown,
        months=year_of(shown.here, shown.named, year),
        statuses=STATUSES,
        form=form,
        kinds=KINDS,
        proposals=proposal_rows(work.session),
        may_change=may(Permission.CALENDARS),
    )


def _effect(
    work: Work, place: Organisation, form: CalendarForm, problem: DubanError | None = None
) -> Any:
    """Show what a change would move, or what is wrong with it; ``problem`` says why again."""
    days = form.change(place.path)
    try:
        found = effect_of(work.session, work.today, days)
    except (NothingChanges, CalendarChangeInvalid) as error:
        return _refused(work, place, form, error)
    content = render_template(
        "administration/calendar_effect.html",
        place=place,
        form=form,
        change=days,
        kinds=KINDS,
        problem=explain(problem) if problem else "",
        note=request.form.get("note", ""),
        **shown_effect(work, found),
    )
    return make_response(content, sentence_for(problem).status if problem else 200)

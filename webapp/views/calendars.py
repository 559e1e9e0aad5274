"""The working days of a region, and what a change of them would move before it is saved."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from webapp.forms.organisations import find_place
from webapp.gates.permissions import Permission, may, requires
from webapp.lists.tasks import speaker_for
from webapp.sayings import gettext
from webapp.screens.calendar import STATUSES, CalendarForm, year_of
from webapp.words.errors import explain
from webapp.work import Work, in_transaction
from workflows.domain.calendar_changes import CalendarChangeInvalid
from workflows.domain.errors import InvalidInput, NotFound
from workflows.domain.statutory import FIRST_YEAR, LAST_YEAR
from workflows.queries.calendars import calendar_page, unit_at, unit_of
from workflows.services.versions.calendar_changes import (
    CalendarChangedMeanwhile,
    NothingChanges,
    change_calendar,
    effect_of,
)
from workflows.store.tables import Organisation

blueprint = Blueprint("calendars", __name__, url_prefix="/administration/calendar")
_MOST_SHOWN = 200


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
    form = CalendarForm()
    place = find_place(work.session, form.place) if form.validate_on_submit() else None
    if place is None:
        return make_response(_page(work, _asked_place(work), form), 422)
    return _effect(work, place, form)


@blueprint.post("/")
@requires(Permission.CALENDARS)
@in_transaction
def change(work: Work) -> Any:
    """Put the change in force whose effect was shown; shown anew where it is another by now."""
    form = CalendarForm()
    place = find_place(work.session, form.place) if form.validate_on_submit() else None
    if place is None:
        return make_response(_page(work, _asked_place(work), form), 422)
    days = form.change(place.path)
    try:
        change_calendar(work.session, work.actor, work.now, days, request.form.get("seen", ""))
    except CalendarChangedMeanwhile as error:
        return _effect(work, place, form, explain(error))
    except (NothingChanges, CalendarChangeInvalid) as error:
        return _refused(work, place, form, error)
    flash(gettext("日历已保存并立即生效，有关期限在下一次巡检时重新计算。"), "success")
    return redirect(url_for("calendars.page", place=place.code, year=days.first_on.year))


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
        may_change=may(Permission.CALENDARS),
    )


def _effect(work: Work, place: Organisation, form: CalendarForm, shown_anew: str = "") -> Any:
    """Show what a change would move, or what is wrong with it; ``shown_anew`` says why again."""
    try:
        found = effect_of(work.session, work.today, form.change(place.path))
    except (NothingChanges, CalendarChangeInvalid) as error:
        return _refused(work, place, form, error)
    if shown_anew:
        flash(shown_anew, "danger")
    shown = found.moved[:_MOST_SHOWN]
    content = render_template(
        "administration/calendar_effect.html",
        place=place,
        form=form,
        effect=found,
        lines=[(each, speaker_for(work, each.pack_hash)) for each in shown],
        more=len(found.moved) - len(shown),
    )
    return make_response(content, 409 if shown_anew else 200)

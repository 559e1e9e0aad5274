"""The overview (统计): what stands where and what became of it, in numbers of items."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, make_response, render_template, request

from webapp.forms.refusals import send_back
from webapp.gates.permissions import Permission, requires
from webapp.outside.downloads import monthly_download
from webapp.screens.meeting import keep_decisions, meeting_page
from webapp.screens.monthly import monthly_order, monthly_page
from webapp.screens.overview import (
    age_name,
    ages_drawn,
    as_of_day,
    matrix_of,
    picture_of,
    process_drawn,
    processes_of,
    share,
    steps_of,
)
from webapp.screens.overview_effects import stage_name, stages_drawn, stays_drawn, warned_lines
from webapp.screens.requests import requests_page
from webapp.words.errors import explain
from webapp.words.packs import PackWords
from webapp.work import Work, begin_work, in_transaction, reading_sessions
from workflows.domain.errors import InvalidInput
from workflows.domain.tallies import FEWEST_TOLD, ages
from workflows.queries.desk.agenda import agenda
from workflows.queries.desk.early_warnings import early_warnings
from workflows.queries.reports.overview import Place, overview, persons_told, place_in
from workflows.queries.reports.overview_effects import PERIOD_DAYS, effects
from workflows.services.packs import pack_in_force
from workflows.store.transaction import transaction

blueprint = Blueprint("overview", __name__, url_prefix="/overview")


@blueprint.get("/")
@requires(Permission.CASES)
@in_transaction
def page(work: Work) -> Any:
    """Show where the open tasks stand: on the diagram, by unit and rung, by age of the case."""
    place = asked_place(work)
    pack = pack_in_force(work.session, work.today)
    if pack is None:
        return render_template("staff/no_pack.html")
    as_of = as_of_day(request.args.get("as_of", ""), work.today)
    found = overview(work.session, place, work.today, as_of)
    process = process_drawn(pack)
    speak = PackWords(pack)
    return render_template(
        "overview/page.html",
        found=found,
        place=place,
        matrix=matrix_of(found),
        picture=picture_of(found, pack, process),
        process=process,
        processes=[(key, speak.process(key)) for key in processes_of(pack)],
        steps=steps_of(found, pack),
        ages=[age_name(*bounds) for bounds in ages()],
        ages_drawn=ages_drawn(found),
        persons=None if as_of else persons_told(work.session, work.actor),
        fewest=FEWEST_TOLD,
        share=share,
    )


@blueprint.get("/effects")
@requires(Permission.CASES)
@in_transaction
def results(work: Work) -> Any:
    """Show what became of cases: time on each rung, letters and reviews, relapses."""
    place = asked_place(work)
    found = effects(work.session, place, work.today - timedelta(days=PERIOD_DAYS - 1))
    return render_template(
        "overview/effects.html",
        found=found,
        place=place,
        stays_drawn=stays_drawn(found),
        stages_drawn=stages_drawn(found),
        stage_name=stage_name,
    )


@blueprint.get("/warnings")
@requires(Permission.CASES)
@in_transaction
def warnings(work: Work) -> Any:
    """List running terms that deserve a look before they run out, with the reasons."""
    place = asked_place(work)
    pack = pack_in_force(work.session, work.today)
    if pack is None:
        return render_template("staff/no_pack.html")
    found = early_warnings(work.session, pack, place.organisation.path, work.today)
    return render_template(
        "overview/warnings.html", found=found, place=place, lines=tuple(warned_lines(work, found))
    )


@blueprint.get("/monthly")
@requires(Permission.CASES)
@in_transaction
def monthly(work: Work) -> Any:
    """Show a month beside the month before; nothing named is the last that is over."""
    return monthly_page(work, asked_place(work), request.args.get("month", "")[:7])


@blueprint.post("/monthly")
@requires(Permission.EXPORTS)
def take_monthly() -> Any:
    """Hand out the report of a month, or show what is to be put right."""
    try:
        with transaction(reading_sessions()) as session:
            order = monthly_order(begin_work(session))
        return monthly_download(order)
    except InvalidInput as error:
        send_back(explain(error))
    with transaction(reading_sessions()) as session:
        work = begin_work(session)
        place = place_in(work.session, work.actor, request.form.get("org", "")[:40] or None)
        return monthly_page(work, place, request.form.get("month", "")[:7])


@blueprint.get("/requests")
@requires(Permission.CASES)
@in_transaction
def asked(work: Work) -> Any:
    """Show what primary units were asked for in a month; nothing named is this one."""
    return requests_page(work, asked_place(work), request.args.get("month", "")[:7])


@blueprint.get("/meeting")
@requires(Permission.CASES)
@in_transaction
def meeting(work: Work) -> Any:
    """Show what a meeting has to speak of: overdue, undecided and near due cases."""
    return _meeting(work, request.args.get("org", ""))


@blueprint.post("/meeting")
@requires(Permission.CASES)
def decide_there() -> Any:
    """Keep the decisions that were ticked, each by itself, and say what came of each."""
    org = request.form.get("org", "")[:40]
    with transaction(reading_sessions()) as session:
        work = begin_work(session)
        place_in(work.session, work.actor, org or None)
    results = keep_decisions()
    with transaction(reading_sessions()) as session:
        page = _meeting(begin_work(session), org, results)
    return make_response(page, 422 if any(results.values()) else 200)


def _meeting(work: Work, org: str, results: dict[str, str] | None = None) -> Any:
    place = place_in(work.session, work.actor, org[:40] or None)
    pack = pack_in_force(work.session, work.today)
    if pack is None:
        return render_template("staff/no_pack.html")
    path = place.organisation.path
    found = agenda(work.session, work.actor, pack, path, work.today)
    return meeting_page(work, place, found, results)


def asked_place(work: Work) -> Place:
    """Give the place that the address names, or the visitor's own.

    Raises:
        NotFound: There is none, or it lies outside what he serves.
    """
    return place_in(work.session, work.actor, request.args.get("org", "")[:40] or None)

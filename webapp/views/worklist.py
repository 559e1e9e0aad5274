"""The worklist: open tasks, filtered, sorted, and taken one by one or many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from webapp.dates import read_day
from webapp.errors import explain
from webapp.listed import lines_of, speaker_for
from webapp.pack_words import PackWords
from webapp.permissions import Permission, requires
from webapp.recusal_gate import ask_to_declare
from webapp.sayings import gettext, ngettext
from webapp.views.session import own_address
from webapp.work import Work, begin_work, in_transaction, reading_sessions, writing_sessions
from workflows.domain.errors import DubanError
from workflows.domain.roles import CASE_ROLES
from workflows.queries.colour_ranges import COLOURS
from workflows.queries.organisations import paths_seen
from workflows.queries.people import organisation_by_id, organisations_found
from workflows.queries.recusals import waiting_for
from workflows.queries.worklist import Mark, Order, Wanted, Whose, claimed_rows, tasks_page
from workflows.services.casework import claim
from workflows.services.clearance import may_export
from workflows.services.packs import pack_in_force
from workflows.services.recusal import declare_for_all
from workflows.store.tables import Organisation
from workflows.store.transaction import transaction

blueprint = Blueprint("worklist", __name__, url_prefix="/worklist")
MOST_AT_ONCE = 100
_LINES = ("organisation", "discipline")
_NAMES = (
    "whose",
    "sort",
    "org",
    "rung",
    "colour",
    "line",
    "role",
    "claimant",
    "problem",
    "from",
    "until",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: values as typed, the place that was meant, others like it."""

    values: Mapping[str, str]
    place: Organisation | None
    likely: tuple[Organisation, ...]
    wanted: Wanted
    problem: str = ""

    @property
    def count(self) -> int:
        """Count the filters that are set."""
        return sum(bool(self.values[name]) for name in _NAMES[2:])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one row of a bulk claim."""

    choice: str
    name: str
    url: str
    is_done: bool
    said: str


@blueprint.get("/")
@requires(Permission.CASES)
@in_transaction
def page(work: Work) -> Any:
    """Show a page of open tasks."""
    asked = _asked(work)
    after = Mark.read(request.args.get("after", ""))
    found = tasks_page(work.session, work.actor, work.today, asked.wanted, after)
    kept: dict[str, Any] = {name: value for name, value in asked.values.items() if value}
    return render_template(
        "worklist/page.html",
        asked=asked,
        kept=kept,
        lines=lines_of(work, found.rows),
        found=found,
        after=after,
        next_url=url_for("worklist.page", **kept, after=found.following.write())
        if found.following
        else None,
        whose=_whose(),
        orders=_orders(),
        colours=COLOURS,
        roles=sorted(CASE_ROLES),
        problems=_problems(work),
        to_decide=len(waiting_for(work.session, work.actor)),
        may_take_out=any(may_export(work.actor, path) for path in paths_seen(work.actor)),
    )


def _problems(work: Work) -> list[tuple[str, str]]:
    """Give the types of problem to filter by; before the first pack there are none."""
    pack = pack_in_force(work.session, work.today)
    if pack is None or "problem_type" not in pack.facts:
        return []
    speak = PackWords(pack)
    return [
        (code, speak.value("problem_type", code)) for code in pack.facts["problem_type"].choices
    ]


@blueprint.post("/claim")
@requires(Permission.CASES)
def take() -> Any:
    """Take the ticked tasks, each in a transaction of its own, and say what came of each."""
    back = own_address(request.form.get("next")) or url_for("worklist.page")
    only = request.form.get("only")
    choices = [only] if only else list(dict.fromkeys(request.form.getlist("task")))
    if not choices:
        flash(gettext("没有勾选任务。请先勾选要领取的任务。"), "warning")
        return redirect(back)
    is_free = request.form.get("bond") == "none"
    if only:
        _ask_first(only)
    results = {choice: _take(choice, is_free) for choice in sorted(choices[:MOST_AT_ONCE])}
    problems = [said for said in results.values() if said]
    if not problems:
        text = ngettext("已领取 %(num)s 项任务。", "已领取 %(num)s 项任务。", len(results))
        flash(text, "success")
        return redirect(back)
    if only:
        flash(problems[0], "danger")
        return redirect(back)
    with transaction(reading_sessions()) as session:
        outcomes = _outcomes(begin_work(session), results)
    done = sum(each.is_done for each in outcomes)
    return render_template("worklist/taken.html", outcomes=outcomes, done=done, back=back)


def _ask_first(choice: str) -> None:
    """Ask for the declaration before somebody takes the first task of a case."""
    with transaction(reading_sessions()) as session:
        ask_to_declare(begin_work(session), choice.partition("|")[0])


def _take(choice: str, is_free: bool) -> str:
    """Take one task; give what went wrong, or nothing. ``is_free`` declares that nothing binds."""
    case_id, _, place = choice.partition("|")
    try:
        with transaction(writing_sessions()) as session:
            work = begin_work(session)
            if is_free:
                declare_for_all(session, work.actor, work.now, case_id)
            ask_to_declare(work, case_id)
            claim(session, work.actor, work.now, case_id, place)
    except DubanError as error:
        return explain(error)
    return ""


def _outcomes(work: Work, results: Mapping[str, str]) -> list[Outcome]:
    places = [choice.partition("|")[::2] for choice in results]
    named = claimed_rows(work.session, places)
    found = []
    for choice, said in results.items():
        case_id, _, place = choice.partition("|")
        row = named.get((case_id, place))
        name = choice
        if row is not None:
            speak = speaker_for(work, row.pack_hash)
            name = f"{row.number} {row.organisation}：{speak.activity(row.activity)}"
        url = url_for("cases.page", case_id=case_id)
        found.append(Outcome(choice, name, url, not said, said or gettext("已领取")))
    return found


def _asked(work: Work) -> Asked:
    values = {name: request.args.get(name, "").strip()[:80] for name in _NAMES}
    place, likely, problem = _place(work, values["org"])
    from_on, until_on = read_day(values["from"]), read_day(values["until"])
    wanted = Wanted(
        whose=_one_of(Whose, values["whose"], Whose.MY),
        order=_one_of(Order, values["sort"], Order.DUE),
        org_path=place.path if place else "",
        rung=int(values["rung"]) if values["rung"] in {"0", "1", "2", "3", "4"} else None,
        colour=values["colour"] if values["colour"] in COLOURS else "",
        line=values["line"] if values["line"] in _LINES else "",
        role=values["role"] if values["role"] in CASE_ROLES else "",
        claimant=values["claimant"],
        problem_type=values["problem"],
        from_on=from_on,
        until_on=until_on,
    )
    if from_on and until_on and from_on > until_on:
        problem = gettext("到期日期的起止颠倒了，没有任务会在其间。")
    return Asked(values, place, likely, wanted, problem)


def _place(work: Work, text: str) -> tuple[Organisation | None, tuple[Organisation, ...], str]:
    """Find the organisation that is meant by an id, a name, a code or initials."""
    if not text:
        return None, (), ""
    paths = paths_seen(work.actor)
    known = organisation_by_id(work.session, text) if text.startswith("o_") else None
    if known is not None and known.path.startswith(paths):
        return known, (), ""
    found = organisations_found(work.session, text, paths)
    exact = [place for place in found if text in (place.name, place.code)]
    if len(found) == 1 or len(exact) == 1:
        return (exact or found)[0], (), ""
    if not found:
        return None, (), gettext("没有找到单位“%(place)s”，未按单位筛选。", place=text)
    return None, found, gettext("有多个单位与“%(place)s”相符，请选一个：", place=text)


def _one_of(kind: Any, text: str, default: Any) -> Any:
    return kind(text) if text in set(kind) else default


def _whose() -> tuple[tuple[str, str], ...]:
    return (
        (Whose.MY, gettext("我可以办的")),
        (Whose.MINE, gettext("我已领取的")),
        (Whose.FREE, gettext("待领取的")),
        (Whose.ALL, gettext("全部未办结")),
    )


def _orders() -> tuple[tuple[str, str], ...]:
    return (
        (Order.DUE, gettext("期限在前")),
        (Order.NEWEST, gettext("新任务在前")),
        (Order.PLACE, gettext("按单位")),
    )

"""Doing something to several tasks of a list, each in a transaction of its own.

Nothing is ever half done: a row is done whole or stays as it was, and says which.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import flash, redirect, render_template, request, url_for

from webapp.addresses import own_address
from webapp.forms.packs import errors_of
from webapp.forms.refusals import send_back
from webapp.languages import language
from webapp.sayings import gettext
from webapp.words.errors import explain
from webapp.words.packs import speaker_for
from webapp.work import Work, begin_work, reading_sessions, writing_sessions
from workflows.domain.errors import DubanError, InvalidInput
from workflows.queries.desk.worklist import claimed_rows
from workflows.services.casework import ValidationFailed
from workflows.services.tracks.recusal import DeclarationNeeded
from workflows.store.transaction import transaction

MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one row; ``lacks_word`` where only the visitor's declaration was missing."""

    choice: str
    name: str
    url: str
    is_done: bool
    said: str
    lacks_word: bool


@dataclass(frozen=True, slots=True)
class BulkAct:
    """Something to be done to a task, and what is said of a row where it was done."""

    heading: str
    said: str
    act: Callable[[Work, str, str], object]


class TooManyAtOnce(InvalidInput):
    """At most {most} rows are done at once; this one was not."""

    code: ClassVar[str] = "too_many_at_once"


def ticked() -> list[str]:
    """Read which tasks were ticked, as ``case|path#n``, each once."""
    return list(dict.fromkeys(request.form.getlist("task")))


def back_address() -> str:
    """Give the list that the form was sent from."""
    return own_address(request.form.get("next")) or url_for("worklist.page")


def do_each(choices: Sequence[str], bulk: BulkAct) -> Any:
    """Do something to each ticked task, and say on a page what came of each."""
    if not choices:
        send_back(gettext("没有勾选任务。请先勾选。"))
        return redirect(back_address())
    left = TooManyAtOnce(most=MOST_AT_ONCE)
    results = {
        choice: _try(choice, bulk) if at < MOST_AT_ONCE else left
        for at, choice in enumerate(choices)
    }
    if len(results) == 1:
        problem = next(iter(results.values()))
        if problem is not None:
            send_back(explain(problem))
        else:
            flash(f"{bulk.said}。", "success")
        return redirect(back_address())
    with transaction(reading_sessions()) as session:
        outcomes = _outcomes(begin_work(session), results, bulk.said)
    return render_template(
        "worklist/done.html",
        heading=bulk.heading,
        outcomes=outcomes,
        done=sum(each.is_done for each in outcomes),
        undeclared=[each.choice for each in outcomes if each.lacks_word],
        back=back_address(),
    )


def _try(choice: str, bulk: BulkAct) -> DubanError | None:
    """Do one row; give what went wrong, if anything did."""
    case_id, _, place = choice.partition("|")
    try:
        with transaction(writing_sessions()) as session:
            bulk.act(begin_work(session), case_id, place)
    except DubanError as error:
        return error
    return None


def told_in_full(error: DubanError) -> str:
    """Explain a refusal in one line; of a form, all that is wrong with it."""
    if not isinstance(error, ValidationFailed):
        return explain(error)
    return "；".join(each.text(language()) for each in errors_of(error).values())


def _outcomes(work: Work, results: Mapping[str, DubanError | None], said: str) -> list[Outcome]:
    """Say what came of each row, in the order of the list that they were ticked on."""
    places = [choice.partition("|")[::2] for choice in results]
    named = claimed_rows(work.session, places)
    found = []
    for choice, problem in results.items():
        case_id, _, place = choice.partition("|")
        row = named.get((case_id, place))
        name, url = gettext("不在您的范围内的任务"), ""
        if row is not None:
            speak = speaker_for(work.session, row.pack_hash)
            name = f"{row.number} {row.organisation}{gettext('：')}{speak.activity(row.activity)}"
            url = url_for("cases.page", case_id=case_id)
        told = said if problem is None else explain(problem)
        lacks_word = isinstance(problem, DeclarationNeeded)
        found.append(Outcome(choice, name, url, problem is None, told, lacks_word))
    return found

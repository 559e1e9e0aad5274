"""Sending reports that one body owes together: each in a transaction of its own, or none of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from webapp.forms.paper_entry import enter_paper
from webapp.gates.recusals import open_door
from webapp.lists.bulk import told_in_full
from webapp.sayings import gettext, listed
from webapp.screens.joint_reports import Joint, JointRow
from webapp.words.packs import speaker_for
from webapp.work import Work, begin_work, keep_attempts_of, reading_sessions, writing_sessions
from workflows.domain.errors import DubanError, NotFound
from workflows.domain.levels import INTERNAL
from workflows.queries.desk.joint_reports import is_report_of
from workflows.queries.desk.worklist import claimed_rows
from workflows.services import casework
from workflows.services.casework import Completed, PaperAct, TaskAlreadyDone
from workflows.services.desk.drafts import drop_drafts, save_draft
from workflows.services.steps.attachments import Upload, keep_files
from workflows.services.steps.tasks import CaseNotOpen
from workflows.store.transaction import transaction


@dataclass(frozen=True, slots=True)
class Sent:
    """What all reports of one sheet have in common: whose body, by which paper, which files."""

    office_id: str
    paper: PaperAct | None
    files: Sequence[Upload]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one report; ``typed`` is what was filled in where it was not sent."""

    name: str
    url: str
    is_done: bool
    said: str
    typed: tuple[tuple[str, str], ...] = ()


def send_each(joint: Joint, sent: Sent, values: Mapping[str, Mapping[str, Any]]) -> list[Result]:
    """Send each report, in the order of the page, and say what came of it."""
    said = {choice: _send(choice, sent, typed) for choice, typed in values.items()}
    rows = {row.choice: row for row in joint.rows}
    with transaction(reading_sessions()) as session:
        names = _names(begin_work(session), values)
    return [
        _result(rows.get(choice), choice, names.get(choice, choice), *said[choice], values[choice])
        for choice in values
    ]


def keep_drafts(office_id: str, values: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep what was typed for each report as the draft of its task; what is empty is not kept."""
    for choice, typed in values.items():
        _keep_draft(choice, office_id, typed)


def _send(choice: str, sent: Sent, values: Mapping[str, Any]) -> tuple[bool, str]:
    """Send one report; what cannot be sent stays as a draft, where there is still a task."""
    marks: Any = {}
    try:
        with transaction(writing_sessions()) as session:
            marks = session.info
            done = _act(begin_work(session), choice, sent, values)
    except (TaskAlreadyDone, CaseNotOpen, NotFound) as error:
        return False, told_in_full(error)
    except DubanError as error:
        _keep_draft(choice, sent.office_id, values)
        return False, told_in_full(error)
    finally:
        keep_attempts_of(marks)
    return True, _said(done)


def _act(work: Work, choice: str, sent: Sent, values: Mapping[str, Any]) -> Completed | None:
    case_id, _, place = choice.partition("|")
    open_door(work, case_id)
    if not is_report_of(work.session, sent.office_id, case_id, place):
        raise NotFound(what="task", key=choice)
    files = keep_files(work.session, work.actor, work.now, case_id, sent.files, INTERNAL)
    if sent.paper is not None:
        done = enter_paper(work, case_id, place, values, sent.paper, files)
    else:
        done = casework.complete(
            work.session, work.actor, work.now, case_id, place, values, attachments=files
        )
    drop_drafts(work.session, case_id, place)
    return done


def _said(done: Completed | None) -> str:
    if done is None:
        return gettext("已补录，待第二人确认后生效")
    if done.waiting_for_second_signature or done.waiting_for_principal:
        return gettext("已签署，待他人签署后生效")
    return gettext("已报送")


def _keep_draft(choice: str, office_id: str, values: Mapping[str, Any]) -> None:
    """Keep what was typed, where the case may be seen; else there is nowhere to keep it."""
    case_id, _, place = choice.partition("|")
    typed = {key: value for key, value in values.items() if value not in (None, "", [])}
    if not typed:
        return
    try:
        with transaction(writing_sessions()) as session:
            work = begin_work(session)
            open_door(work, case_id)
            if is_report_of(session, office_id, case_id, place):
                save_draft(session, work.actor.account_id, work.now, case_id, place, typed)
    except DubanError:
        return


def _names(work: Work, choices: Iterable[str]) -> dict[str, str]:
    places = {choice: choice.partition("|")[::2] for choice in choices}
    named = claimed_rows(work.session, places.values())
    found = {}
    for choice, place in places.items():
        row = named.get(place)
        if row is not None:
            task = speaker_for(work.session, row.pack_hash).activity(row.activity)
            found[choice] = f"{row.number} {row.organisation}{gettext('：')}{task}"
    return found


def _result(
    row: JointRow | None,
    choice: str,
    name: str,
    is_done: bool,
    said: str,
    values: Mapping[str, Any],
) -> Result:
    url = url_for("cases.page", case_id=choice.partition("|")[0])
    typed = () if is_done else tuple(_typed(row, values))
    return Result(name, url, is_done, said, typed)


def _typed(row: JointRow | None, values: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    labels = row.labels if row else {}
    for key, value in values.items():
        text = listed(value) if isinstance(value, list) else str(value)
        if text.strip():
            yield labels.get(key, key), text

"""The papers that a task would make, on what stands in its form: nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from webapp.case.cards import TaskCard
from webapp.case.documents import name_of, paper_of, readable_lines
from webapp.case.screen import Screen
from webapp.forms.outcomes import REFUSALS
from webapp.forms.packs import PackForm, errors_of
from webapp.papers.official import OfficialPaper
from webapp.words.errors import explain
from webapp.work import Work, begin_work, keep_attempts_of, writing_sessions
from workflows.domain.errors import NotFound
from workflows.queries.case.page import case_page
from workflows.queries.papers.documents import makes_documents
from workflows.services.casework import ValidationFailed
from workflows.services.secrecy.looking import Glance, Looked, keep_looks
from workflows.services.steps.previewing import do_unkept
from workflows.store.transaction import transaction, trial


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a task would make: papers with their names, or what is wrong in its form, by field."""

    case_number: str
    task: str
    at: datetime
    papers: tuple[tuple[str, OfficialPaper], ...] = ()
    problems: tuple[tuple[str, str], ...] = ()


def foreseen(case_id: str, path: str, n: int) -> Foreseen:
    """Do a task with the form that came in, read what it makes, and undo all of it.

    That somebody looked is recorded, as for the papers themselves.

    Raises:
        NotFound: The task is not open, or makes no paper that the visitor may read.
        Recused, RecusalPending, DeclarationNeeded: The case is not open to him.
    """
    with trial(writing_sessions()) as session:
        work = begin_work(session)
        found = _tried(work, case_id, path, n)
    keep_attempts_of(session.info)
    with transaction(writing_sessions()) as session:
        glance = Glance(Looked.CASE, case_id, f"preview/{path}#{n}")
        keep_looks(session, work.actor, work.now, [glance])
    return found


def _tried(work: Work, case_id: str, path: str, n: int) -> Foreseen:
    screen = Screen.unnoted(work, case_id)
    card = screen.card(path, n)
    row = screen.page.task(path, n)
    if card is None or row is None:
        raise NotFound(what="task", key=f"{path}#{n}")
    if not makes_documents(screen.speak.pack, row.row.activity, screen.levels()):
        raise NotFound(what="document", key=f"{path}#{n}")
    form = screen.task_form(card).form
    found = Foreseen(screen.page.case.number, card.name, work.now)
    try:
        return replace(found, papers=_papers(work, screen, card, form.typed() if form else {}))
    except ValidationFailed as error:
        return replace(found, problems=tuple(_wrong(form, error)))
    except REFUSALS as error:
        return replace(found, problems=(("", explain(error)),))


def _wrong(form: PackForm | None, error: ValidationFailed) -> Iterator[tuple[str, str]]:
    if form is None:
        raise error
    form.take_errors(errors_of(error))
    for name, messages in form.errors.items():
        label = form[name].label.text if name else ""
        yield from ((label, message) for message in messages)


def _papers(
    work: Work, screen: Screen, card: TaskCard, values: Mapping[str, Any]
) -> tuple[tuple[str, OfficialPaper], ...]:
    case_id = screen.page.case.id
    seq = do_unkept(work.session, work.actor, work.now, case_id, card.place, values)
    # What was read before the act is out of date.
    work.session.expire_all()
    after = Screen.about(work, case_page(work.session, case_id, work.today))
    lines = [line for line in readable_lines(after) if line.made.record.seq == seq]
    return tuple(
        (name_of(line.made), paper_of(work, after.page, line, is_preview=True))
        for line in reversed(lines)
    )

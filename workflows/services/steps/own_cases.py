"""Cases about somebody himself: what of them is open to him (DOMAIN 3.2, R15).

He sees none of them by his scope, whatever roles he holds. What stands here lets him to the
cases in which he was met: a task for him was opened there, he may open such a case himself, or
what was served on him there is something that he may appeal against.
Before that he is told nothing, and of what is sealed he never is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from workflows.domain.errors import NotFound
from workflows.domain.roles import Actor, Role
from workflows.engine import Definition
from workflows.engine.run import Names
from workflows.services.packs import definition_of
from workflows.services.steps.beside import openings_beside
from workflows.store.base import table_of
from workflows.store.casework import read_facts
from workflows.store.scope import as_system
from workflows.store.tables import Case, Task

_JOB = "person concerned"
_CONCERNED = Role.PERSON_CONCERNED.value
_PERSONAL = "L2"


def own_cases(session: Session, actor: Actor) -> tuple[Case, ...]:
    """Give the cases about somebody that are open to him, the newest first."""
    if actor.person_id is None:
        return ()
    with as_system(session, _JOB):
        found = session.scalars(_about(actor.person_id).order_by(Case.opened_at.desc(), Case.id))
        return tuple(case for case in found if _is_open(session, case))


@contextmanager
def own_case(session: Session, actor: Actor, case_id: str) -> Iterator[Case]:
    """Open one case to the person whom it is about, for as long as the block lasts.

    Inside it the session sees everything: hand on only what is his.

    Raises:
        NotFound: There is none, it is about somebody else, or he is not told of it.
    """
    with as_system(session, _JOB):
        about = _about(actor.person_id or "").where(Case.id == case_id)
        case = session.scalar(about)
        if case is None or not _is_open(session, case):
            raise NotFound(what="case", key=case_id)
        yield case


def _about(person_id: str) -> Select[Case]:
    return select(Case).where(Case.subject_person_id == person_id, Case.level == _PERSONAL)


def _is_open(session: Session, case: Case) -> bool:
    definition = definition_of(session, case.pack_hash, case.process_id)
    if is_opened_by_person(definition) or _is_appealable(session, case, definition):
        return True
    task = table_of(Task)
    his = exists().where(
        task.c.case_id == case.id,
        or_(task.c.roles == _CONCERNED, task.c.roles.like(f"{_CONCERNED} %")),
    )
    return bool(session.connection().execute(select(his)).scalar_one())


def _is_appealable(session: Session, case: Case, definition: Definition) -> bool:
    """Tell whether a window has begun in which he may ask for something beside a case."""
    found = [
        opening.when
        for opening in openings_beside(definition.pack, definition.process_id)
        if opening.beside.window is not None and _CONCERNED in opening.roles
    ]
    names = Names(definition.pack, read_facts(session, case.id))
    return any(when is not None and when.holds(names, null_answers=True) for when in found)


def is_opened_by_person(definition: Definition) -> bool:
    """Tell whether the person concerned opens cases of a process beside another."""
    return definition.opening is not None and _CONCERNED in definition.opening.roles

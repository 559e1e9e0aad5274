"""An organisation with its place in the tree, its people, its duties and its matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, literal_column, or_, select
from sqlalchemy.orm import Session

from workflows.domain.colours import Light
from workflows.domain.errors import NotFound
from workflows.domain.organisations import paths_down_to
from workflows.domain.roles import Actor
from workflows.queries.conditions import HAS_ENDED, IS_LIVE
from workflows.queries.lights import case_due_on, case_light, open_pauses
from workflows.queries.organisations.changes import predecessors_of, successor_of
from workflows.queries.organisations.finding import organisation_by_id, organisations_at
from workflows.queries.organisations.liaisons import Liaison, liaisons_of
from workflows.queries.short_ways import FEW, off_index
from workflows.store.scope import within
from workflows.store.tables import (
    Case,
    Clock,
    Duty,
    Matter,
    Organisation,
    Person,
    Task,
    Tenure,
)

MOST_CHILDREN = 400
MOST_POSTS = 200
MOST_CASES = 20
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Post:
    """Somebody in a post, now or before."""

    person: str
    post: str
    from_on: date
    until_on: date | None
    document: str


@dataclass(frozen=True, slots=True)
class BodyPosts:
    """A body, or the unit itself, with those in post, those before, and what posts owe."""

    organisation: Organisation
    present: tuple[Post, ...]
    past: tuple[Post, ...]
    duties: tuple[Duty, ...]


@dataclass(frozen=True, slots=True)
class CaseAt:
    """A case at an organisation or below it.

    ``light`` is None where it has ended; ``rung`` is where it stands, or the highest that
    it had reached; ``due_on`` is the date that its own page shows.
    """

    case: Case
    matter_number: str
    problem_type: str
    organisation: str
    person: str | None
    rung: int | None
    light: Light | None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """An organisation as its page shows it.

    ``above`` are those over it from the root down. Of ``present`` and ``past`` cases the
    most urgent and the newest are read; ``rungs`` counts all open ones by rung.
    """

    organisation: Organisation
    above: tuple[Organisation, ...]
    units: tuple[Organisation, ...]
    bodies: tuple[BodyPosts, ...]
    present: tuple[CaseAt, ...]
    past: tuple[CaseAt, ...]
    rungs: dict[int, int]
    past_count: int
    successor: Organisation | None = None
    predecessors: tuple[Organisation, ...] = ()
    liaisons: tuple[Liaison, ...] = ()

    @property
    def present_count(self) -> int:
        """Count the open cases."""
        return sum(self.rungs.values())


def paths_seen(actor: Actor) -> tuple[str, ...]:
    """Give the topmost subtrees that somebody serves in any role."""
    paths = sorted({grant.unit_path for grant in actor.grants})
    return tuple(
        path for path in paths if not any(path != top and path.startswith(top) for top in paths)
    )


def organisation_seen(session: Session, actor: Actor, organisation_id: str) -> Organisation:
    """Give an organisation that lies within what somebody serves in any role.

    Raises:
        NotFound: There is none, or it lies outside.
    """
    found = organisation_by_id(session, organisation_id)
    if found is None or not found.path.startswith(paths_seen(actor)):
        raise NotFound(what="organisation", key=organisation_id)
    return found


def organisation_page(
    session: Session, actor: Actor, organisation_id: str, today: date, few: int = FEW
) -> OrganisationPage:
    """Read an organisation for its page; ``few`` cases are gathered and sorted anew.

    Raises:
        NotFound: See `organisation_seen`.
    """
    found = organisation_seen(session, actor, organisation_id)
    children = _children(session, found)
    bodies = [child for child in children if child.kind != "unit"]
    rungs, past_count = _counts(session, found.path)
    return OrganisationPage(
        organisation=found,
        above=_above(session, found.path),
        units=tuple(child for child in children if child.kind == "unit"),
        bodies=_bodies(session, (found, *bodies), today),
        present=_present(session, found.path, today, is_few=sum(rungs.values()) <= few),
        past=_past(session, found.path, is_few=past_count <= few),
        rungs=rungs,
        past_count=past_count,
        successor=successor_of(session, found),
        predecessors=predecessors_of(session, found),
        liaisons=liaisons_of(session, found, today),
    )


def _children(session: Session, found: Organisation) -> Sequence[Organisation]:
    statement = (
        select(Organisation)
        .where(Organisation.parent_id == found.id, Organisation.until_on.is_(None))
        .order_by(Organisation.path)
        .limit(MOST_CHILDREN)
    )
    return session.scalars(statement).all()


def _above(session: Session, path: str) -> tuple[Organisation, ...]:
    return organisations_at(session, paths_down_to(path)[:-1])


def _bodies(
    session: Session, organisations: Iterable[Organisation], today: date
) -> tuple[BodyPosts, ...]:
    """Read posts and duties of an organisation and its bodies; those with neither stay bodies."""
    wanted = {each.id: each for each in organisations}
    posts: dict[str, list[Post]] = {}
    tenures = (
        select(Tenure, Person.name)
        .join(Person, Person.id == Tenure.person_id)
        .where(Tenure.organisation_id.in_(wanted))
        .order_by(Tenure.from_on.desc(), Tenure.id)
        .limit(MOST_POSTS)
    )
    for tenure, name in session.execute(tenures):
        post = Post(name, tenure.post, tenure.from_on, tenure.until_on, tenure.document)
        posts.setdefault(tenure.organisation_id, []).append(post)
    duties: dict[str, list[Duty]] = {}
    lines = (
        select(Duty)
        .where(
            Duty.organisation_id.in_(wanted),
            or_(Duty.until_on.is_(None), Duty.until_on >= today),
        )
        .order_by(Duty.post, Duty.id)
        .limit(MOST_POSTS)
    )
    for duty in session.scalars(lines):
        duties.setdefault(duty.organisation_id, []).append(duty)
    return tuple(
        BodyPosts(
            each,
            tuple(post for post in posts.get(key, ()) if not _is_over(post, today)),
            tuple(post for post in posts.get(key, ()) if _is_over(post, today)),
            tuple(duties.get(key, ())),
        )
        for key, each in wanted.items()
        if each.kind != "unit" or key in posts or key in duties
    )


def _is_over(post: Post, today: date) -> bool:
    return post.until_on is not None and post.until_on < today


def _counts(session: Session, path: str) -> tuple[dict[int, int], int]:
    """Count the open cases by rung, 0 before the first, and those that have ended."""
    at = within(Case.org_path, (path,))
    live = select(Case.rung, func.count()).where(IS_LIVE, at).group_by(Case.rung)
    rungs: dict[int, int] = {}
    for rung, count in session.execute(live):
        rungs[rung or 0] = rungs.get(rung or 0, 0) + count
    ended = session.scalar(select(func.count()).select_from(Case).where(HAS_ENDED, at))
    return rungs, ended or 0


def _at(session: Session, path: str, on: Any, never: Any, *, is_few: bool) -> tuple[Any, Any]:
    """Give the condition for a subtree and the date to sort its cases by.

    A few are gathered by their place and sorted, by a key that no index has in order; of
    many the first are soon met on the index that has them so.
    """
    if is_few:
        return within(Case.org_path, (path,)), func.coalesce(on, never)
    return within(off_index(session, Case.org_path), (path,)), on


def _present(session: Session, path: str, today: date, *, is_few: bool) -> tuple[CaseAt, ...]:
    at, on = _at(session, path, Case.due_on, date.max, is_few=is_few)
    urgent = select(Case.id).where(IS_LIVE, at).order_by(on.asc().nulls_last(), Case.id)
    rows = _cases(session, urgent)
    ids = [row[0].id for row in rows]
    tasks = session.scalars(
        select(Task).where(Task.case_id.in_(ids), Task.state == literal_column("'open'"))
    ).all()
    clocks = session.scalars(
        select(Clock).where(Clock.case_id.in_(ids), Clock.state.in_(("running", "paused")))
    ).all()
    stopped = open_pauses(session, clocks)
    lines = []
    for case, matter, problem, organisation, person in rows:
        own = [task for task in tasks if task.case_id == case.id]
        its = [clock for clock in clocks if clock.case_id == case.id]
        light = case_light(session, case, own, its, today, stopped)
        due_on = case_due_on(case, own)
        lines.append(CaseAt(case, matter, problem, organisation, person, case.rung, light, due_on))
    return tuple(lines)


def _past(session: Session, path: str, *, is_few: bool) -> tuple[CaseAt, ...]:
    at, on = _at(session, path, Case.ended_at, _LONG_AGO, is_few=is_few)
    newest = select(Case.id).where(HAS_ENDED, at).order_by(on.desc(), Case.id.desc())
    rows = _cases(session, newest)
    highest = _highest_rungs(session, [row[0].id for row in rows])
    return tuple(
        CaseAt(case, matter, problem, organisation, person, highest.get(case.id), None)
        for case, matter, problem, organisation, person in rows
    )


def _highest_rungs(session: Session, case_ids: Sequence[str]) -> dict[str, int]:
    statement = (
        select(Task.case_id, func.max(Task.rung))
        .where(Task.case_id.in_(case_ids), Task.rung > 0)
        .group_by(Task.case_id)
    )
    rows = session.execute(statement)
    return {case_id: rung for case_id, rung in rows if rung}


def _cases(session: Session, chosen: Any) -> Sequence[Any]:
    """Read the first cases of a choice by their keys, so that only these are read whole."""
    ids = session.scalars(chosen.limit(MOST_CASES)).all()
    statement = (
        select(Case, Matter.number, Matter.problem_type, Organisation.name, Person.name)
        .join(Matter, Matter.id == Case.matter_id)
        .join(Organisation, Organisation.id == Case.subject_organisation_id)
        .outerjoin(Person, Person.id == Case.subject_person_id)
        .where(Case.id.in_(ids))
    )
    rows = {row[0].id: row for row in session.execute(statement)}
    return [rows[id_] for id_ in ids if id_ in rows]

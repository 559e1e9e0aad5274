"""Who does what in the demo: a person for each task, on paper where he has no account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.domain.demo_answers import Answer
from workflows.domain.demo_world import BANNER, demo_accounts, demo_posts
from workflows.domain.errors import NotAllowed
from workflows.domain.organisations import BODY_SUFFIX, Kind
from workflows.domain.roles import Actor
from workflows.services.access import load_actor
from workflows.services.casework import Completed, complete
from workflows.services.steps.attribution import DUTY, TENURE, offered_texts
from workflows.services.steps.paper import PaperAct
from workflows.store.tables import Account, Case, Clock, Organisation, Person, Task

_ON_PAPER = frozenset({"R10", "R15"})
_TYPIST = "jilu"
_PAPER = "纸质件〔演示〕{number}号"


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that somebody will do, or will not."""

    case_id: str
    place: str
    activity: str
    n: int
    roles: tuple[str, ...]
    office_path: str


class DemoCast:
    """The demo's accounts and people by what they are called in its world."""

    def __init__(self, session: Session, today: date) -> None:
        """Load everybody once: nobody's roles change during the play."""
        ids = {
            row.username: row.id for row in session.execute(select(Account.username, Account.id))
        }
        names = [account.username for account in demo_accounts()]
        self.actors = {name: load_actor(session, ids[name], today) for name in names}
        people: dict[str | None, str] = {
            row.staff_code: row.id for row in session.execute(select(Person.staff_code, Person.id))
        }
        self.holders: dict[tuple[str, str], str] = {
            (post.organisation, post.post): people[post.staff_code] for post in demo_posts()
        }
        self.names: dict[str, str] = {
            row.id: row.name for row in session.execute(select(Person.id, Person.name))
        }
        self.codes: dict[str, str] = {
            row.id: row.code for row in session.execute(select(Organisation.id, Organisation.code))
        }

    def branches(self) -> tuple[str, ...]:
        """Give the ids of the branches, township by township."""
        suffix = BODY_SUFFIX[Kind.BRANCH]
        found = [(code, place) for place, code in self.codes.items() if code.endswith(suffix)]
        return tuple(place for _, place in sorted(found))

    def people_of(self, case: Case) -> Mapping[str, str]:
        """Give the people that forms of a case name: by id, or by name where a form has a text."""
        code = self.codes[case.subject_organisation_id]
        township = code[: len(BANNER) + 3]
        committee = township + BODY_SUFFIX[Kind.COMMITTEE]
        return {
            "talker": self.actors["tanhua"].person_id or "",
            "recorder": self.actors["jilu"].person_id or "",
            "township_talker": self.holders[committee, "党委副书记"],
            "responsible": self.holders[committee, "组织委员"],
            **{f"review_{n}": self.actors[f"fuhe{n}"].person_id or "" for n in (1, 2, 3)},
            "secretary": self.names.get(self.holders.get((code, "党支部书记"), ""), ""),
        }

    @staticmethod
    def register_of(session: Session, case: Case) -> Mapping[str, str]:
        """Give the newest post of the person concerned and its first duty, as forms write them."""
        person_id = case.subject_person_id
        texts = offered_texts(session, person_id) if person_id else {}
        return {key: next(iter(texts.get(key, ())), "") for key in (TENURE, DUTY)}

    def do(
        self, session: Session, case: Case, task: OpenTask, values: Answer, now: datetime
    ) -> Completed:
        """Have a task done by those who may do it, as many as must sign.

        Raises:
            NotAllowed: Nobody may.
        """
        if _ON_PAPER & set(task.roles):
            typist, paper = self.actors[_TYPIST], self.paper_of(case, now)
            return complete(session, typist, now, task.case_id, task.place, values, paper=paper)
        refused: NotAllowed | None = None
        signed: Answer = values
        for actor in self._candidates(task):
            try:
                with session.begin_nested():
                    done = complete(session, actor, now, task.case_id, task.place, signed)
            except NotAllowed as error:
                refused = error
                continue
            if not done.waiting_for_second_signature:
                return done
            signed = {}
        raise refused or NotAllowed(reason=f"{task.activity}: {task.roles}")

    def paper_of(self, case: Case, now: datetime) -> PaperAct:
        """Give the paper on which the person concerned acts, or the branch's secretary."""
        return PaperAct(self._absent(case), now.date(), _PAPER.format(number=now.day))

    def _absent(self, case: Case) -> str:
        if case.subject_person_id is not None:
            return case.subject_person_id
        return self.holders[self.codes[case.subject_organisation_id], "党支部书记"]

    def _candidates(self, task: OpenTask) -> Sequence[Actor]:
        """Give who holds a role over the task's office, the nearest to it first."""
        able = [
            actor for actor in self.actors.values() if actor.holds(task.roles, task.office_path)
        ]
        return sorted(able, key=lambda actor: -max(len(grant.org_path) for grant in actor.grants))


def open_tasks(session: Session, case_id: str | None = None) -> tuple[OpenTask, ...]:
    """Give the open tasks of one case or of all."""
    statement = (
        select(Task.case_id, Task.path, Task.n, Task.activity, Task.roles, Organisation.path)
        .join(Organisation, Organisation.id == Task.office_id)
        .where(Task.state == "open")
        .order_by(Task.id)
    )
    if case_id is not None:
        statement = statement.where(Task.case_id == case_id)
    return tuple(
        OpenTask(case, f"{path}#{n}", activity, n, tuple(roles.split()), office)
        for case, path, n, activity, roles, office in session.execute(statement)
    )


def next_due_at(session: Session) -> datetime | None:
    """Give when the next running clock runs out."""
    statement = select(func.min(Clock.due_at)).where(Clock.state == "running", Clock.attempts == 0)
    return session.execute(statement).scalar_one()


def case_of(session: Session, case_id: str) -> Case:
    """Give a case's row as it stands."""
    return session.get_one(Case, case_id, populate_existing=True)


def twin_of(session: Session, case: Case) -> str:
    """Give the matter of the same branch that was registered just before a case's own."""
    statement = select(Case.matter_id).where(
        Case.subject_organisation_id == case.subject_organisation_id,
        Case.id != case.id,
        Case.state == "open",
        Case.level == "L1",
    )
    return session.scalars(statement.order_by(Case.opened_at.desc()).limit(1)).one()

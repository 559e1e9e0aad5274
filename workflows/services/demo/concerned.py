"""The demo's latecomers: accounts for people whose cases have something to show."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.ids import new_id
from workflows.domain.roles import Role
from workflows.engine.documents import Addressee
from workflows.queries.case.page import CasePage, case_page
from workflows.queries.papers.documents import documents_of
from workflows.services.access import load_actor
from workflows.services.papers.documents import issue_document
from workflows.services.staff.accounts import new_token
from workflows.services.staff.passwords import hash_password
from workflows.services.steps.opening import tenure_of
from workflows.store.tables import Account, Case, Grant, Person, PersonEffect, Task, Tenure

USERNAME, SECRETARY = "dangshiren", "shuji"
_ISSUER = "chengban"


def let_concerned_in(session: Session, now: datetime, password: str) -> None:
    """Give an account to the first person on whom an effect was started, and his papers numbers.

    The account comes last: until then what he did came on paper.
    """
    started = select(PersonEffect.case_id).distinct()
    case = session.scalars(select(Case).where(Case.id.in_(started)).order_by(Case.number)).first()
    if case is None:
        return
    person = session.get_one(Person, case.subject_person_id)
    about = select(Case.id).where(Case.subject_person_id == person.id).order_by(Case.number)
    for case_id in session.scalars(about):
        _number_papers(session, case_page(session, case_id, local_date(now)), now)
    _let_in(session, now, password, USERNAME, person, Role.PERSON_CONCERNED)


def let_secretary_in(session: Session, now: datetime, password: str) -> None:
    """Give an account to the secretary of the branch whose term ran out.

    After a holiday it may be the second letter that waits.
    """
    letters = Task.activity.in_(("letter1", "letter2"))
    stalled = select(Task.case_id).where(letters, Task.state == "open")
    branch = select(Case.subject_organisation_id).where(Case.id.in_(stalled))
    person = session.scalars(
        select(Person)
        .join(Tenure, Tenure.person_id == Person.id)
        .where(Tenure.organisation_id.in_(branch))
        .order_by(Person.id)
    ).first()
    if person is not None:
        _let_in(session, now, password, SECRETARY, person, Role.RECTIFIER)


def _let_in(
    session: Session, now: datetime, password: str, username: str, person: Person, role: Role
) -> None:
    tenure = tenure_of(session, person.id, local_date(now))
    account = Account(
        id=new_id("u"),
        username=username,
        display_name=person.name,
        password_hash=hash_password(password),
        token=new_token(),
        person_id=person.id,
        created_at=now,
    )
    account.grants = [
        Grant(
            role=role.value,
            organisation_id=tenure.organisation_id,
            org_path=tenure.org_path,
            from_on=local_date(now),
        )
    ]
    session.add(account)
    session.flush()


def _number_papers(session: Session, page: CasePage, now: datetime) -> None:
    """Number what is addressed to him, in the order in which it was made."""
    wanted = select(Account.id).where(Account.username == _ISSUER)
    handler = load_actor(session, session.execute(wanted).scalar_one(), local_date(now))
    for line in reversed(documents_of(session, page)):
        document = line.made.document
        if document.addressee is Addressee.PERSON and document.word and line.issued is None:
            issue_document(session, handler, now, page.case, line.made)

"""A few matters of the made-up world, played to where their cases are worth attacking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from tests.support.case_site import CaseSite
from tests.support.web import make_account
from workflows.audit.commitment import load_or_create_master_key
from workflows.domain.demo_stories import YEAR_DAYS, demo_stories
from workflows.domain.demo_world import BANNER, LEAGUE, TITLE, township_code
from workflows.jobs.demo_play import play_demo
from workflows.services.demo.world import build_world
from workflows.services.installation import init_installation
from workflows.services.vault import Vault
from workflows.shipped import shipped_pack_dir
from workflows.store.connection import open_engine, session_factory
from workflows.store.scope import SystemScope
from workflows.store.tables import (
    Account,
    Attachment,
    Case,
    Declaration,
    Grant,
    LateEntry,
    Organisation,
    Person,
    Task,
)
from workflows.store.transaction import Session, transaction

# A Monday afternoon; the clock of the pages is set to it.
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
OTHER_BANNER = f"{LEAGUE}02"


@dataclass(frozen=True, slots=True)
class Played:
    """What is in the world: an organisation's case, its person's case, and one elsewhere.

    ``concerned`` is the name of the person whom the person's case is about.
    """

    organisation_case: str
    person_case: str
    elsewhere_case: str
    matter: str
    person: str
    concerned: str
    person_number: str


def play_world(folder: Path, url: str) -> Played:
    """Install the made-up world and play an attributed matter, a stalled one and two new ones."""
    vault = Vault(load_or_create_master_key(folder / "master.key"))
    engine = open_engine(url)
    sessions = session_factory(engine, vault.session_marks())
    begun = NOW - timedelta(days=YEAR_DAYS + 10)
    stories = [
        replace(story, deeds=(), person=story.person and replace(story.person, deeds=()))
        for story in demo_stories()
        if (story.person and story.person.name == "undecided") or story.name == "review_open"
    ]
    # The last lies in another township: every matter is three gachas on from the one before.
    stories += [replace(stories[-1], opened_days=80 - n, days={"accept": 400}) for n in range(2)]
    try:
        with transaction(sessions, SystemScope("test")) as session:
            init_installation(session, begun, "test", TITLE, shipped_pack_dir())
            build_world(session, begun, "not used by anybody")
        play_demo(sessions, NOW, stories=stories)
        with transaction(sessions, SystemScope("test")) as session:
            return _played(session)
    finally:
        engine.dispose()


def _played(session: Session) -> Played:
    person_case = session.scalars(select(Case).where(Case.level == "L2")).one()
    parent = session.get_one(Case, person_case.parent_case_id)
    elsewhere = session.scalars(
        select(Case).where(Case.level == "L1").order_by(Case.opened_at.desc())
    ).first()
    assert elsewhere is not None
    _add_outsiders(session, str(person_case.subject_person_id))
    for case in (parent, person_case):
        _add_papers(session, case)
    _declare_everywhere(session)
    account = session.scalars(select(Account).where(Account.username == "concerned")).one()
    return Played(
        organisation_case=parent.id,
        person_case=person_case.id,
        elsewhere_case=elsewhere.id,
        matter=parent.matter_id,
        person=str(person_case.subject_person_id),
        concerned=account.display_name,
        person_number=person_case.number,
    )


def _declare_everywhere(session: Session) -> None:
    """Let everybody have declared for every case that nothing binds: it is open or is not."""
    for account_id in session.scalars(select(Account.id)):
        for case_id in session.scalars(select(Case.id)):
            session.add(
                Declaration(
                    case_id=case_id, account_id=account_id, has_ground=False, declared_at=NOW
                )
            )


def _add_outsiders(session: Session, person_id: str) -> None:
    """Add accounts that must be refused, and the person concerned as an officer of the banner."""
    for role in ("R01", "R03", "R04", "R06", "R07", "R10", "R12", "R16", "R21", "R22"):
        make_account(session, f"away-{role}", (role, OTHER_BANNER))
        make_account(session, f"town-{role}", (role, township_code(5)))
        make_account(session, f"here-{role}", (role, BANNER))
    name = session.get_one(Person, person_id).name
    make_account(session, "concerned", ("R03", BANNER), ("R06", BANNER), display_name=name)
    session.scalars(
        select(Account).where(Account.username == "concerned")
    ).one().person_id = person_id
    make_account(session, "inactive", ("R03", BANNER), is_active=False)
    make_account(session, "expired", ("R03", BANNER), ("R06", BANNER))
    make_account(session, "coming", ("R03", BANNER), ("R06", BANNER))
    make_account(session, "roleless")
    session.flush()
    for grant in session.scalars(select(Grant).join(Account).where(Account.username == "expired")):
        grant.until_on = TODAY - timedelta(days=1)
    for grant in session.scalars(select(Grant).join(Account).where(Account.username == "coming")):
        grant.from_on = TODAY + timedelta(days=1)


def _add_papers(session: Session, case: Case) -> None:
    """Add a file and a late entry that waits."""
    clerk = session.scalars(select(Account.id).where(Account.username == "dengji")).one()
    session.add(
        Attachment(
            case_id=case.id,
            org_path=case.org_path,
            name="台账.pdf",
            sha256="0" * 64,
            size_bytes=3,
            level=case.level,
            content=b"abc",
            uploaded_by=clerk,
            uploaded_at=NOW,
        )
    )
    task = session.scalars(select(Task).where(Task.case_id == case.id).order_by(Task.id)).first()
    assert task is not None
    session.add(
        LateEntry(
            case_id=case.id,
            task=f"{task.path}#{task.n}",
            occurred_at=NOW - timedelta(days=30),
            performed_by=None,
            document="来文一号",
            values={},
            entered_by=clerk,
            entered_at=NOW,
        )
    )


def branch_of(site: CaseSite, case_id: str) -> str:
    """Give the organisation of a case."""
    with site.session() as session:
        return session.get_one(Case, case_id).subject_organisation_id


def organisation_called(site: CaseSite, code: str) -> str:
    """Give the id of an organisation by its code."""
    with site.session() as session:
        return session.scalars(select(Organisation.id).where(Organisation.code == code)).one()

"""The demo: a year of made-up cases whose journal is true."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.audit.commitment import load_master_key
from workflows.jobs.demo import make_demo
from workflows.queries.case_page import case_page
from workflows.queries.documents import documents_of
from workflows.services.access import load_actor
from workflows.services.own_cases import own_cases
from workflows.services.rebuild import differences
from workflows.services.vault import Vault
from workflows.store.connection import open_engine, session_factory
from workflows.store.scope import SystemScope
from workflows.store.tables import Account, Case, Clock, Incident, Installation, Organisation, Task
from workflows.store.transaction import transaction

# A Monday: what became overdue did so on the Saturday.
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder: Path = tmp_path_factory.mktemp("demo")
    url, key = f"sqlite:///{folder / 'demo.sqlite3'}", folder / "master.key"
    made = make_demo(url, folder, NOW)
    assert (made.matters, made.cases) == (113, 120)
    engine = open_engine(url)
    sessions = session_factory(engine, Vault(load_master_key(key)).session_marks())
    with transaction(sessions, SystemScope("test")) as session:
        yield session
    engine.dispose()


def test_every_rung_and_outcome_occurs(demo: Session) -> None:
    outcomes = set(demo.scalars(select(Case.outcome).distinct()))
    assert outcomes >= {
        None,
        "immediate_fix",
        "closed",
        "unfounded",
        "relapsed",
        "completed",
        "adjusted",
        "lighter",
    }
    assert set(demo.scalars(select(Case.rung).distinct())) >= {1, 2, 3, 4}
    open_cases = demo.scalar(select(func.count()).select_from(Case).where(Case.state == "open"))
    assert 15 <= (open_cases or 0) <= 60


def test_one_rectification_ran_out_and_waits_for_its_first_letter(demo: Session) -> None:
    letters = demo.scalars(
        select(Task).where(Task.activity == "letter1", Task.state == "open")
    ).all()
    assert len(letters) == 1
    terms = select(Clock).where(Clock.case_id == letters[0].case_id, Clock.rule == "R_RECT")
    term = demo.scalars(terms).one()
    assert (term.state, term.due_on.isoformat()) == ("fired", "2026-11-20")


def test_nothing_failed_and_nothing_lies_in_the_future(demo: Session) -> None:
    assert demo.scalars(select(Incident)).all() == []
    assert demo.scalars(select(Clock).where(Clock.attempts > 0)).all() == []
    assert (
        demo.scalars(select(Clock).where(Clock.state == "running", Clock.due_at <= NOW)).all() == []
    )
    installation = demo.scalars(select(Installation)).one()
    assert installation.mode == "demo"
    assert installation.last_seen_at <= NOW


def test_the_rows_are_what_the_records_say(demo: Session) -> None:
    assert list(differences(demo)) == []


def test_somebody_concerned_finds_his_papers_and_what_he_may_ask_for(demo: Session) -> None:
    account = demo.scalars(select(Account).where(Account.username == "dangshiren")).one()
    actor = load_actor(demo, account.id, NOW.date())
    assert {grant.role for grant in actor.grants} == {"R15"}
    pages = [case_page(demo, case.id, NOW.date()) for case in own_cases(demo, actor)]
    lines = [line for page in pages for line in documents_of(demo, page)]
    assert "责决〔2026〕1号" in {line.issued.number for line in lines if line.issued}
    assert any(page.effects for page in pages)


def test_everything_in_it_is_marked_as_made_up(demo: Session) -> None:
    codes = demo.scalars(select(Organisation.code)).all()
    assert all(code.startswith("SYN-") for code in codes)
    assert "虚构" in demo.scalars(select(Installation.title)).one()

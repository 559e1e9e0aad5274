"""The demo: a year of made-up cases whose journal is true."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from tests.support.databases import copy_sqlite
from tests.support.web import token_in
from webapp.app import create_app
from webapp.extensions import db
from webapp.frame.tour import STOPS
from webapp.settings import Settings
from workflows.audit.commitment import load_master_key, load_or_create_master_key
from workflows.domain.roles import Role
from workflows.jobs.demo import NoDemo, make_demo, reset_demo
from workflows.queries.case.page import case_page
from workflows.queries.papers.documents import documents_of
from workflows.queries.staff.claimable import unclaimable_tasks
from workflows.services.access import load_actor
from workflows.services.history.rebuild import differences
from workflows.services.installation import init_installation
from workflows.services.steps.own_cases import own_cases
from workflows.services.vault import Vault
from workflows.shipped import shipped_pack_dir
from workflows.store.connection import open_engine, session_factory
from workflows.store.pouring import pour
from workflows.store.scope import SystemScope
from workflows.store.tables import (
    Account,
    Case,
    Clock,
    Grant,
    Incident,
    Installation,
    Matter,
    Organisation,
    Recusal,
    Task,
)
from workflows.store.transaction import transaction

# A Monday: what became overdue did so on the Saturday.
NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
FILE = "demo.sqlite3"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    made = make_demo(f"sqlite:///{folder / FILE}", folder, NOW)
    assert (made.matters, made.cases) == (111, 120)
    return folder


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Session]:
    url, key = f"sqlite:///{folder / FILE}", folder / "master.key"
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


def test_what_goes_on_beside_cases_is_told_too(demo: Session) -> None:
    processes = set(demo.scalars(select(Case.process_id).where(Case.state == "open")))
    assert processes >= {"ladder", "accountability", "appeal", "tolerance", "referral"}
    assert demo.scalars(select(Case.state).where(Case.state == "merged")).all() == ["merged"]
    assert demo.scalars(select(Recusal.state)).all() == ["granted"]
    labels = set(demo.scalars(select(Matter.determination).distinct()))
    assert labels == {"reported", "determined", "lifted"}
    assert list(unclaimable_tasks(demo, NOW.date())) == []


def test_every_role_is_held_by_somebody(demo: Session) -> None:
    held = set(demo.scalars(select(Grant.role).distinct()))
    assert set(Role) - held == set()


def test_the_tour_leads_a_visitor_through_real_pages(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "master.key", tmp_path / "master.key")
    url = copy_sqlite(folder / FILE, tmp_path / FILE)
    app = create_app(Settings(url, tmp_path), TESTING=True, RATELIMIT_ENABLED=False)
    client = app.test_client()
    listed = client.get("/tour/")
    assert listed.text.count("<form") >= len(STOPS)
    for number, stop in enumerate(STOPS, start=1):
        token = token_in(client.get("/tour/"))
        page = client.post(f"/tour/{number}", data={"csrf_token": token}, follow_redirects=True)
        assert page.status_code == 200
        assert f"导览 {number}/{len(STOPS)}" in page.text
        assert str(stop.says.partition("。")[0]) in page.text
    ended = client.post("/tour/end", data={"csrf_token": token_in(client.get("/tour/"))})
    assert ended.status_code == 302
    assert 'class="tour"' not in client.get("/tour/").text
    with app.app_context():
        db.engine.dispose()


def test_whoever_has_a_database_open_goes_on_in_what_was_poured_into_it(
    folder: Path, tmp_path: Path
) -> None:
    live = tmp_path / FILE
    engine = open_engine(copy_sqlite(folder / FILE, live))
    count = text("SELECT count(*) FROM draft")
    with engine.begin() as connection:
        before = connection.execute(count).scalar_one()
        connection.execute(text("DELETE FROM outbox"))
        connection.execute(text("UPDATE installation SET title = 'x'"))
    pour(folder / FILE, live)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT title FROM installation")).scalar_one() != "x"
        assert connection.execute(count).scalar_one() == before
    engine.dispose()
    with closing(sqlite3.connect(live)) as looked_at:
        assert looked_at.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_nothing_but_a_demo_begins_anew(sqlite_template: Path, tmp_path: Path) -> None:
    url = copy_sqlite(sqlite_template, tmp_path / FILE)
    engine = open_engine(url)
    key = load_or_create_master_key(tmp_path / "master.key")
    sessions = session_factory(engine, Vault(key).session_marks())
    with transaction(sessions, SystemScope("test")) as session:
        init_installation(session, NOW, "test", "苏布德旗督办", shipped_pack_dir())
    engine.dispose()
    with pytest.raises(NoDemo):
        reset_demo(url, tmp_path, NOW)


def test_everything_in_it_is_marked_as_made_up(demo: Session) -> None:
    codes = demo.scalars(select(Organisation.code)).all()
    assert all(code.startswith("SYN-") for code in codes)
    assert "虚构" in demo.scalars(select(Installation.title)).one()

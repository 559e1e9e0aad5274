"""Cases that people open beside another one of the same matter."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.asking import asking_files
from tests.support.casework import World
from tests.support.filled import VERIFIED
from tests.support.packs import write_folder
from workflows.audit.commitment import new_subject_key
from workflows.domain.errors import NotFound
from workflows.jobs.scenario_cast import Cast
from workflows.services import casework
from workflows.services.casework import OpenedBeside, PaperAct
from workflows.services.installation import init_installation
from workflows.services.separation import TouchedOrigin
from workflows.services.steps.beside import (
    BesideDecided,
    BesideOpen,
    BesideUnready,
    NotBySubject,
    Other,
    offers,
)
from workflows.services.vault import Vault
from workflows.store.connection import open_memory, session_factory
from workflows.store.schema import create_all
from workflows.store.scope import SystemScope
from workflows.store.tables import Case, JournalRecord, Organisation, Tenure
from workflows.store.transaction import transaction

START = datetime(2026, 3, 10, 1, tzinfo=UTC)
SAID = {"start_approval": "approved", "start_approved_on": "2026-03-10"}


@dataclass
class Asking:
    """A world whose pack has the request, with one case of a branch in it."""

    world: World
    case_id: str

    def verify(self) -> None:
        self.world.complete(self.case_id, "accept", "承办", acceptance="accept")
        self.world.complete(self.case_id, "verify", "核实甲", **VERIFIED)
        self.world.complete(self.case_id, "verify", "核实乙")

    def ask(
        self, by: str = "支部书记", roles: tuple[str, ...] = ("R10",), **paper: Any
    ) -> OpenedBeside:
        cast, now, act = self.world.cast, self.world.now, None
        with self.world.transaction() as session:
            account = cast.account(session, by, now)
            actor = cast.allow(session, account, roles, now)
            if paper:
                performer = cast.person(session, paper["performed_by"], now)
                act = PaperAct(performer, paper["acted_on"], "书面申请")
        with self.world.transaction() as session:
            return casework.open_beside(session, actor, now, self.case_id, "asking", {}, paper=act)

    def case(self, case_id: str) -> Case:
        with self.world.transaction() as session:
            found = session.get_one(Case, case_id)
            session.expunge(found)
            return found

    def facts(self, case_id: str) -> dict[str, Any]:
        with self.world.transaction() as session:
            return dict(self.world.cast.stage(session, case_id, self.world.now).case.facts)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return _world(tmp_path_factory.mktemp("asking"))


@pytest.fixture
def asking(world: World) -> Asking:
    world.now = START
    return Asking(world, world.open_matter())


def _world(folder: Path, **how: str) -> World:
    engine = open_memory()
    create_all(engine)
    sessions = session_factory(engine, Vault(new_subject_key()).session_marks())
    files = write_folder(asking_files(**how), folder)
    with transaction(sessions, SystemScope("test")) as session:
        init_installation(session, START, "test", "测试", files)
        cast = Cast.gather(session)
    return World(sessions, cast, START)


def test_it_is_a_case_of_its_own_in_the_same_matter_with_the_same_subject(asking: Asking) -> None:
    asking.verify()
    opened = asking.ask()
    origin, case = asking.case(asking.case_id), asking.case(opened.case_id)
    assert (case.matter_id, case.parent_case_id) == (origin.matter_id, origin.id)
    assert case.subject_organisation_id == origin.subject_organisation_id
    assert (case.number, case.level) == (f"{origin.number[:-2]}-2", "L1")
    assert asking.world.differences() == []


def test_it_takes_over_what_its_start_event_names_and_nothing_else(asking: Asking) -> None:
    asking.verify()
    facts = asking.facts(asking.ask().case_id)
    taken = {"problem_type": "P101", "verified_on": VERIFIED["verified_on"]}
    opened_with = {"asked_on": "2026-03-10", "asked_late": "no", "weak_lax_determined": "no"}
    assert facts == taken | opened_with


def test_the_other_case_is_not_written(asking: Asking) -> None:
    asking.verify()
    before = asking.case(asking.case_id)
    asking.ask()
    after = asking.case(asking.case_id)
    assert (after.version, after.head) == (before.version, before.head)


def test_it_waits_for_what_the_other_case_must_have(asking: Asking) -> None:
    with pytest.raises(BesideUnready) as refused:
        asking.ask()
    assert refused.value.condition == "verified_on is not null"


def test_one_at_a_time_and_none_after_a_decision(asking: Asking) -> None:
    asking.verify()
    first = asking.ask()
    with pytest.raises(BesideOpen) as refused:
        asking.ask()
    assert refused.value.number == first.number
    asking.world.complete(
        first.case_id, "answer", "复核", **{**SAID, "start_approval": "refused", "reason": "不成立"}
    )
    second = asking.ask()
    asking.world.complete(second.case_id, "answer", "复核", **SAID)
    with pytest.raises(BesideDecided):
        asking.ask()
    assert asking.world.differences() == []


def test_what_comes_after_the_window_is_marked_late(asking: Asking) -> None:
    asking.verify()
    other = Asking(asking.world, asking.world.open_matter())
    other.verify()
    asking.world.now = START + timedelta(days=7)
    assert asking.facts(asking.ask().case_id)["asked_late"] == "no"
    asking.world.now = START + timedelta(days=8)
    assert other.facts(other.ask().case_id)["asked_late"] == "yes"


def test_an_officer_enters_the_paper_of_the_branch_and_of_nobody_else(asking: Asking) -> None:
    asking.verify()
    with pytest.raises(NotBySubject):
        asking.ask("经办", ("R03",), performed_by="镇上的人", acted_on=date(2026, 3, 10))
    with asking.world.transaction() as session:
        branch = session.get_one(Organisation, asking.world.cast.subject_id)
        person = asking.world.cast.person(session, "本村人", asking.world.now)
        held = select(Tenure).where(Tenure.person_id == person)
        session.scalars(held).one().org_path = branch.path
    opened = asking.ask("经办", ("R03",), performed_by="本村人", acted_on=date(2026, 3, 10))
    with asking.world.transaction() as session:
        record = session.scalars(
            select(JournalRecord).where(JournalRecord.stream_id == opened.case_id)
        ).one()
    assert (record.role, record.performed_by) == ("R10", person)
    assert '"source":"paper"' in record.body


def test_nobody_of_the_original_case_answers_it(asking: Asking) -> None:
    asking.verify()
    opened = asking.ask()
    for touched in ("登记人", "承办", "核实甲", "核实乙"):
        with pytest.raises(TouchedOrigin):
            asking.world.complete(opened.case_id, "answer", touched, **SAID)
    asking.world.complete(opened.case_id, "answer", "另组组长", **SAID)


def test_what_is_offered_says_why_not(asking: Asking) -> None:
    def offered() -> Any:
        with asking.world.transaction() as session:
            stage = asking.world.cast.stage(session, asking.case_id, asking.world.now)
            actor = stage.actor("支部书记", ("R10",))
            found = offers(session, actor, stage.pack, Other.of(stage.case))
            return next(each for each in found if each.opening.process_id == "asking")

    before = offered()
    assert (before.is_ready, type(before.refusal), before.window) == (False, BesideUnready, None)
    asking.verify()
    after = offered()
    assert (after.is_ready, after.refusal, after.window.until_on) == (True, None, date(2026, 3, 17))


def test_there_is_nothing_of_the_kind_beside_other_processes(tmp_path: Path) -> None:
    world = _world(tmp_path, processes="accountability", when="facts_shown_on is not null")
    asking = Asking(world, world.open_matter())
    with pytest.raises(NotFound):
        asking.ask()

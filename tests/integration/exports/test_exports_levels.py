"""What a bundle shows of persons: to whom, on whose word, and what an outsider can tell from it.

The world is played: an organisation's case, a person's case that came of it, others elsewhere.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.support.bundles import json_lines, read_bundle
from tests.support.case_site import CaseSite, open_case_site
from tests.support.databases import copy_sqlite
from tests.support.exports import CONTENT, ExportDesk, lines_of, verified, whole_text
from tests.support.played import NOW, TODAY, Played, play_world
from tests.support.web import make_account
from webapp.work import writing_sessions
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.errors import DubanError, NotAllowed, NotFound
from workflows.domain.informants import Channel, Identity, Purpose
from workflows.domain.roles import Actor
from workflows.jobs.exporting import run_one
from workflows.jobs.sweep import run_sweep
from workflows.services import casework
from workflows.services.access import RoleMissing, load_actor, scope_in
from workflows.services.exports import asking
from workflows.services.exports.asking import ExportMoved, Wish
from workflows.services.exports.permits import LevelNotExported, LevelTooLow, OwnExport
from workflows.services.installation import clock_now
from workflows.services.journal import Act
from workflows.services.secrecy.informants import (
    keep_informant,
    name_reader,
    open_entry,
    record_kept,
)
from workflows.services.secrecy.looking import Glance, Looked, keep_looks
from workflows.services.steps.locked import load_locked
from workflows.services.steps.opening import open_for_person
from workflows.store.scope import set_scope
from workflows.store.tables import (
    Account,
    BundleJob,
    Case,
    Grant,
    Informant,
    Organisation,
    Task,
    Tenure,
)
from workflows.store.transaction import Session

INTERNAL = frozenset({"L1"})
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class House:
    """The played world, with its exports."""

    site: CaseSite
    world: Played
    desk: ExportDesk

    def actor(self, session: Session, username: str) -> Actor:
        """Give somebody with his roles, and the session his scope."""
        account = session.scalars(select(Account).where(Account.username == username)).one()
        actor = load_actor(session, account.id, TODAY)
        set_scope(session, scope_in(session, actor))
        return actor

    def act(self, username: str, act: Callable[..., Any], *arguments: Any) -> Any:
        """Let somebody do something with exports."""
        with self.desk.transaction() as session:
            actor, now = self.actor(session, username), clock_now(session)
            return act(session, actor, now, *arguments)

    def ask(self, username: str, scope: BundleScope, levels: frozenset[str] = INTERNAL) -> int:
        """Let somebody ask for a bundle."""
        wish = Wish(scope, "盟委巡察办", "年度检查", levels)
        return int(self.act(username, asking.ask, wish).id)

    def organisation(self) -> BundleScope:
        """Give the scope of the organisation that the played cases are about."""
        with self.desk.transaction() as session:
            case = session.get_one(Case, self.world.organisation_case)
            return BundleScope(ScopeKind.ORGANISATION, (case.subject_organisation_id,))


@pytest.fixture(scope="module")
def played(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Played]:
    folder = tmp_path_factory.mktemp("played")
    return folder, play_world(folder, copy_sqlite(sqlite_template, folder / "duban.sqlite3"))


@pytest.fixture
def house(played: tuple[Path, Played], tmp_path: Path) -> Iterator[House]:
    with opened_house(played, tmp_path) as opened:
        yield opened


@contextmanager
def opened_house(played: tuple[Path, Played], folder: Path) -> Iterator[House]:
    """Open a copy of the played world in a folder."""
    original, world = played
    folder.mkdir(exist_ok=True)
    shutil.copy(original / "master.key", folder / "master.key")
    url = copy_sqlite(original / "duban.sqlite3", folder / "duban.sqlite3")
    with open_case_site(folder, url, is_built=True) as site:
        site.at(TODAY.isoformat(), 12)
        yield House(site, world, ExportDesk(writing_sessions(site.app), folder))


def _banner(session: Session) -> str:
    statement = select(Organisation.code).where(
        Organisation.level == 3, Organisation.kind == "unit"
    )
    return session.scalars(statement.order_by(Organisation.path)).first() or ""


def case_scope(case_id: str) -> BundleScope:
    return BundleScope(ScopeKind.CASES, (case_id,))


def matter_scope(house: House) -> BundleScope:
    return BundleScope(ScopeKind.MATTER, (house.world.matter,))


EVERYTHING = BundleScope(ScopeKind.ALL)


def test_internal_content_needs_nobody_else_and_holds_back_persons(house: House) -> None:
    path = house.desk.make(house.ask("buzhang", matter_scope(house)))
    verdict = verified(path)
    assert verdict.manifest["sealed"] == []
    assert {entry["reason"] for entry in verdict.manifest["withheld"]} == {"confidential"}
    files = read_bundle(path)
    assert {line["id"] for line in json_lines(files["state.jsonl"])} == {
        house.world.organisation_case
    }
    text = whole_text(files)
    for secret in (house.world.person, house.world.person_case, house.world.person_number):
        assert secret not in text
    assert house.world.concerned not in text
    (state,) = json_lines(files["state.jsonl"])
    assert state["withheld"]


def test_content_about_persons_waits_for_a_second_person(house: House) -> None:
    job_id = house.ask("buzhang", matter_scope(house), CONTENT)
    assert house.desk.job(job_id).state == "waiting"
    assert run_one(house.desk.sessions, house.desk.folder) is None
    with pytest.raises(OwnExport):
        house.act("buzhang", asking.approve, job_id)
    for username in ("chengban", "dengji", "shenji", "away-R06", "town-R06"):
        with pytest.raises(RoleMissing):
            house.act(username, asking.approve, job_id)
    house.act("here-R06", asking.approve, job_id)
    with pytest.raises(ExportMoved):
        house.act("here-R07", asking.approve, job_id)
    path = house.desk.make(job_id)
    assert verified(path).counts.cases == 2
    text = whole_text(read_bundle(path))
    assert house.world.person in text
    assert house.world.person_number in text
    (approved,) = house.desk.house_records("export_approved")
    assert approved["levels"] == ["L1", "L2"]


def test_what_a_second_person_refuses_is_never_made(house: House) -> None:
    job_id = house.ask("buzhang", case_scope(house.world.person_case), CONTENT)
    house.act("here-R07", asking.refuse, job_id, "与用途无关")
    assert house.desk.job(job_id).state == "refused"
    assert run_one(house.desk.sessions, house.desk.folder, job_id) is None
    assert house.desk.house_records("exported") == []


@pytest.mark.parametrize(
    "username, what, error",
    [
        ("dengji", "person", NotFound),  # does not see it
        ("town-R03", "elsewhere_town", NotFound),
        ("here-R10", "organisation", NotAllowed),
        ("here-R16", "organisation", NotAllowed),
        ("here-R21", "organisation", NotAllowed),
        ("away-R06", "organisation", NotFound),
        ("shenji", "organisation", NotFound),
        ("concerned", "person", NotFound),  # it is about himself
        ("buzhang", "all", RoleMissing),
        ("here-R18", "all", RoleMissing),
        ("buzhang", "person_low", LevelTooLow),
        ("buzhang", "clues", LevelNotExported),
    ],
)
def test_who_may_not_take_it_is_refused(
    house: House, username: str, what: str, error: type[DubanError]
) -> None:
    if username == "here-R18":
        with house.site.session() as session:
            make_account(session, "here-R18", ("R18", _banner(session)))
    scope = {
        "person": case_scope(house.world.person_case),
        "person_low": case_scope(house.world.person_case),
        "elsewhere_town": case_scope(house.world.organisation_case),
        "organisation": case_scope(house.world.organisation_case),
        "clues": case_scope(house.world.organisation_case),
        "all": EVERYTHING,
    }[what]
    levels = {"person": CONTENT, "clues": frozenset({"L1", "L3"})}.get(what, INTERNAL)
    with pytest.raises(error):
        house.ask(username, scope, levels)
    with house.desk.transaction() as session:
        assert session.scalars(select(BundleJob)).all() == []


def test_the_audit_administrator_takes_everything_without_content(house: House) -> None:
    job_id = house.ask("shenji", EVERYTHING, NOTHING)
    assert house.desk.job(job_id).state == "queued"
    path = house.desk.make(job_id)
    verdict = verified(path)
    files = read_bundle(path)
    with house.desk.transaction() as session:
        person_case = session.get_one(Case, house.world.person_case)
        assert len(verdict.manifest["sealed"]) == person_case.version
    assert {entry["level"] for entry in verdict.manifest["sealed"]} == {"L2"}
    assert {line["id"][0] for line in json_lines(files["payloads.jsonl"])} == {"h"}
    assert verdict.counts.withheld == verdict.counts.records - len(
        json_lines(files["payloads.jsonl"])
    )
    text = whole_text(files)
    assert house.world.person_case not in text
    assert house.world.person_number not in text
    assert "两次督办未答复" not in text
    assert all(line["facts"] == {} for line in json_lines(files["state.jsonl"]))


def test_content_for_the_audit_administrator_needs_a_principal(house: House) -> None:
    for levels in (INTERNAL, CONTENT):
        assert house.desk.job(house.ask("shenji", EVERYTHING, levels)).state == "waiting"
    job_id = house.ask("shenji", EVERYTHING, CONTENT)
    house.act("here-R06", asking.approve, job_id)
    verdict = verified(house.desk.make(job_id))
    assert verdict.manifest["sealed"] == []
    with house.desk.transaction() as session:
        assert verdict.counts.cases == session.scalar(select(func.count()).select_from(Case))


def test_a_later_bundle_of_the_trail_tells_no_outsider_of_persons(house: House) -> None:
    job_id = house.ask("buzhang", matter_scope(house), CONTENT)
    house.act("here-R06", asking.approve, job_id)
    house.desk.make(job_id)
    house.act("buzhang", asking.hand_out, job_id)
    path = house.desk.make(house.ask("shenji", EVERYTHING, NOTHING))
    verified(path)
    files = read_bundle(path)
    shown = "\n".join(
        json.dumps(line["payload"], ensure_ascii=False)
        for line in json_lines(files["payloads.jsonl"])
        if "directory" not in line["payload"]["form"]
    )
    for secret in (house.world.person, house.world.person_case, house.world.concerned):
        assert secret not in shown
    names = [line["trigger"]["name"] for line in json_lines(files["records.jsonl"])]
    assert "export_downloaded" in names
    forms = [line["payload"]["form"] for line in json_lines(files["payloads.jsonl"])]
    stated = [form for form in forms if "directory" in form]
    assert len(stated) == 1, "the names of this bundle, not those of the one before"


def test_a_trail_without_content_tells_nobody_at_which_persons_somebody_looked(
    house: House,
) -> None:
    glances = (
        Glance(Looked.CASE, house.world.person_case),
        Glance(Looked.PEOPLE, None, "查找某人"),
    )
    house.act("buzhang", keep_looks, glances)
    text = {}
    for levels in (NOTHING, CONTENT):
        path = house.desk.make(house.desk.ask(EVERYTHING, levels))
        verified(path)
        text[levels] = whole_text(read_bundle(path))
    for secret in (house.world.person_case, "查找某人"):
        assert secret not in text[NOTHING]
        assert secret in text[CONTENT]


def test_nobody_takes_the_case_about_himself_along_with_everything(house: House) -> None:
    with house.desk.transaction() as session:
        auditor = session.scalars(select(Account).where(Account.username == "shenji")).one()
        auditor.person_id = session.get_one(Case, house.world.person_case).subject_person_id
    job_id = house.ask("shenji", EVERYTHING, CONTENT)
    house.act("here-R06", asking.approve, job_id)
    path = house.desk.make(job_id)
    verdict = verified(path)
    with house.desk.transaction() as session:
        version = session.get_one(Case, house.world.person_case).version
    assert len(verdict.manifest["sealed"]) == version
    for name in ("records.jsonl", "state.jsonl"):
        assert house.world.person_case not in {line["id"] for line in lines_of(path, name)}
    assert house.world.person_number not in whole_text(read_bundle(path))


def again(session: Session, actor: Actor, _now: Any, job_id: int) -> BundleJob:
    return asking.ask_again(session, actor, job_id)


@pytest.mark.parametrize("act, state", [(asking.hand_out, "ready"), (again, "expired")])
def test_who_no_longer_sees_persons_gets_no_file_that_shows_them(
    house: House, act: Callable[..., Any], state: str
) -> None:
    job_id = house.ask("buzhang", matter_scope(house), CONTENT)
    house.act("here-R06", asking.approve, job_id)
    house.desk.make(job_id)
    house.act("buzhang", asking.hand_out, job_id)
    with house.desk.transaction() as session:
        account = session.scalars(select(Account).where(Account.username == "buzhang")).one()
        first, *others = session.scalars(select(Grant).where(Grant.account_id == account.id))
        first.role = "R01"
        for grant in others:
            session.delete(grant)
        session.get_one(BundleJob, job_id).state = state
    with pytest.raises(NotAllowed):
        house.act("buzhang", act, job_id)
    assert len(house.desk.house_records("export_downloaded")) == 1


def test_a_file_is_handed_only_to_whoever_asked_and_still_may(house: House) -> None:
    job_id = house.ask("chengban", case_scope(house.world.organisation_case))
    with pytest.raises(ExportMoved):
        house.act("chengban", asking.hand_out, job_id)
    house.desk.make(job_id)
    for username in ("buzhang", "shenji"):
        with pytest.raises(NotFound):
            house.act(username, asking.hand_out, job_id)
    assert house.desk.house_records("export_downloaded") == []
    assert house.act("chengban", asking.hand_out, job_id).state == "ready"
    (told,) = house.desk.house_records("export_downloaded")
    assert told["sha256"] == house.desk.job(job_id).sha256
    with house.desk.transaction() as session:
        account = session.scalars(select(Account.id).where(Account.username == "chengban")).one()
        for grant in session.scalars(select(Grant).where(Grant.account_id == account)):
            session.delete(grant)
    with pytest.raises(DubanError):
        house.act("chengban", asking.hand_out, job_id)


def test_who_loses_his_role_before_it_is_made_gets_nothing(house: House) -> None:
    job_id = house.ask("chengban", case_scope(house.world.organisation_case))
    with house.desk.transaction() as session:
        account = session.scalars(select(Account.id).where(Account.username == "chengban")).one()
        for grant in session.scalars(select(Grant).where(Grant.account_id == account)):
            session.delete(grant)
    assert run_one(house.desk.sessions, house.desk.folder, job_id) == "failed"
    assert house.desk.house_records("exported") == []
    assert house.desk.house_records("directory_stated") == []


def test_a_form_that_is_sent_twice_asks_once(house: House) -> None:
    wish = Wish(case_scope(house.world.organisation_case), "甲", "乙", INTERNAL)
    first, again = (house.act("chengban", asking.ask, wish, "once").id for _ in range(2))
    other = house.act("chengban", asking.ask, replace(wish, purpose="丙"), "twice").id
    assert first == again != other


def test_papers_go_along_only_as_far_as_their_level_is_shown(house: House) -> None:
    path = house.desk.make(house.desk.ask(matter_scope(house), INTERNAL, with_attachments=True))
    names = read_bundle(path)
    verified(path)
    assert lines_of(path, "records.jsonl")
    assert not [name for name in names if name.startswith("attachments/")]


# ------------------------------------------------------------- what an outsider can tell


_CHANGING = re.compile(
    r"[0-9a-f]{64}|(?<=\"salt\":\")[0-9a-f]{32}|\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=\"index\":)\d+"
)
_OF_THE_LOG = ("nodes.jsonl", "consistency.jsonl", "checkpoints/", "manifest")


def what_it_says(path: Path) -> dict[str, Any]:
    """Give all that a bundle says, without hashes, counts of the log and what is signed."""
    files = read_bundle(path)
    manifest = json.loads(files["manifest.json"])
    del manifest["tree_size"], manifest["files"]
    said = {
        name: _CHANGING.sub("#", content.decode())
        for name, content in files.items()
        if not name.startswith(_OF_THE_LOG)
    }
    return {**said, "manifest": _CHANGING.sub("#", json.dumps(manifest, sort_keys=True))}


def open_person_case(house: House, case_id: str) -> str:
    """Open a case about the person of a post at a case's place, in its matter, and work on it."""
    with house.desk.transaction() as session:
        case = session.get_one(Case, case_id)
        posts = select(Tenure).where(Tenure.organisation_id == case.subject_organisation_id)
        person_id = session.scalars(posts.order_by(Tenure.id)).first().person_id
        officer = session.scalars(select(Account).where(Account.username == "buzhang")).one()
        actor, now = load_actor(session, officer.id, TODAY), clock_now(session)
        locked = load_locked(session, case_id)
        opened = open_for_person(session, locked, Act(actor, now, now), "accountability", person_id)
        assert session.get_one(Case, opened).org_path == case.org_path
        task = session.scalars(select(Task).where(Task.case_id == opened)).first()
        assert task is not None
        holder = select(Grant.account_id).where(Grant.role.in_(task.roles.split()))
        by = load_actor(session, session.scalars(holder.order_by(Grant.id)).first() or "", TODAY)
        casework.claim(session, by, now, opened, f"{task.path}#{task.n}")
    return opened


def has_moved(house: House, case_id: str) -> bool:
    """Say whether a case has more than its first record."""
    with house.desk.transaction() as session:
        return session.get_one(Case, case_id).version > 1


def scope_around(house: House, case_id: str, kind: str) -> BundleScope:
    """Give a narrower scope that covers a case."""
    with house.desk.transaction() as session:
        case = session.get_one(Case, case_id)
        ids = {"matter": case.matter_id, "organisation": case.subject_organisation_id}
    return BundleScope(ScopeKind(kind), (ids.get(kind, case_id),))


@pytest.mark.parametrize("kind", ["organisation", "matter", "cases"])
def test_an_outsider_cannot_tell_whether_there_is_a_persons_case(
    played: tuple[Path, Played], tmp_path: Path, kind: str
) -> None:
    said = {}
    for is_sealed in (False, True):
        with opened_house(played, tmp_path / str(is_sealed)) as house:
            case_id = house.world.elsewhere_case
            person_case = open_person_case(house, case_id) if is_sealed else ""
            run_sweep(house.desk.sessions, NOW + timedelta(days=60))
            path = house.desk.make(house.ask("dengji", scope_around(house, case_id, kind)))
            verdict = verified(path)
            said[is_sealed] = what_it_says(path)
            assert verdict.manifest["sealed"] == []
            assert not is_sealed or has_moved(house, person_case)
            assert not is_sealed or person_case not in whole_text(read_bundle(path))
            assert house.world.elsewhere_case in verdict.manifest["streams"]
    assert said[False].keys() == said[True].keys()
    for name, text in said[False].items():
        assert said[True][name] == text, name


def test_who_reported_stands_in_no_bundle_and_nothing_tells_that_somebody_did(house: House) -> None:
    desk, matter = house.desk, house.world.matter
    plain = files_without_vault(house, desk.export(matter_scope(house)))
    with desk.transaction() as session:
        now = clock_now(session)
        identity = Identity(True, Channel.CALL, "巴特尔其木格", "139-0000-4711", "不要来家里")
        keep_informant(session, now - timedelta(days=1), matter, identity)
        entry = session.scalars(select(Informant)).one()
        until = TODAY + timedelta(days=30)
        reader = session.scalars(select(Account.id).where(Account.username == "chengban")).one()
        key = entry.id
    house.act("buzhang", name_reader, key, reader, until)
    house.act("chengban", open_entry, key, Purpose.VERIFY, "核实他反映的情况")
    with desk.transaction() as session:
        assert record_kept(session, clock_now(session)) == 1
    assert files_without_vault(house, desk.export(matter_scope(house))) == plain
    whole = desk.export()
    verified(whole)
    told = [line for line in lines_of(whole, "records.jsonl") if line["trigger"]["name"] == "vault"]
    assert len(told) == 3
    assert {line["trigger"]["ref"] for line in told} == {"vault"}
    places = {(line["id"], line["seq"]) for line in told}
    shown = {(line["id"], line["seq"]) for line in lines_of(whole, "payloads.jsonl")}
    assert not places & shown
    text = whole_text(read_bundle(whole))
    for sign in ("巴特尔其木格", "139-0000", "不要来家里", "核实他反映", key, "informant"):
        assert sign not in text, sign


def files_without_vault(house: House, path: Path) -> set[str]:
    """Give the lines of a matter's bundle that do not change with the log or the day."""
    verified(path)
    files = read_bundle(path)
    text = whole_text(files)
    assert "vault" not in text
    return set(files["state.jsonl"].decode().splitlines()) | {
        json.dumps(line, sort_keys=True)
        for line in lines_of(path, "payloads.jsonl")
        if line["id"].startswith("c_")
    }

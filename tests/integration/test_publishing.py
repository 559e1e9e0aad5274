"""Versions of a pack: put forward by one, decided on by another, in force from a day on."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.exc import IntegrityError

from tests.support.casework import World, make_world
from tests.support.packs import changed_files, passed, replaced, shipped_files
from tests.support.races import race
from tests.support.worlds import memory_connection, undone_sessions
from workflows.audit.commitment import new_subject_key
from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, NotFound
from workflows.domain.roles import Actor
from workflows.engine import PackInvalid
from workflows.engine.loading import pack_hash as hash_of
from workflows.jobs.pack_checking import check_packs
from workflows.services.access import RoleMissing, load_actor
from workflows.services.packs import current_pack, pack_files, pack_of, version_in_force
from workflows.services.vault import Vault
from workflows.services.versions import publishing
from workflows.services.versions.looking_over import Prepared, examine, prepare
from workflows.services.versions.pack_reports import (
    Report,
    ReportKind,
    attach_report,
    digest,
    latest_reports,
)
from workflows.services.versions.version_errors import (
    BaseMoved,
    DateTooEarly,
    LabelTaken,
    NoteMissing,
    NotSubmitter,
    NotWaiting,
    OtherPack,
    OwnVersion,
    PackUnsound,
    ReportsStale,
    ReportsUnseen,
    StillChecking,
    VersionThere,
)
from workflows.store.base import table_of
from workflows.store.connection import session_factory
from workflows.store.tables import (
    Case,
    JournalRecord,
    PackContent,
    PackFile,
    PackReport,
    PackVersion,
)

# A pack is looked over once for all tests: what comes of it never changes.
_PREPARED: dict[tuple[str, str | None], Prepared] = {}


@dataclass
class Desk:
    """A world with somebody who keeps the rules and two principals."""

    world: World

    def actor(self, name: str, role: str) -> Actor:
        with self.world.transaction() as session:
            account = self.world.cast.account(session, name, self.world.now)
            return self.world.cast.allow(session, account, (role,), self.world.now)

    @property
    def keeper(self) -> Actor:
        return self.actor("审核人", "R04")

    @property
    def principal(self) -> Actor:
        return self.actor("部长", "R06")

    def prepare(self, files: Mapping[str, bytes]) -> Prepared:
        with self.world.transaction() as session:
            newest = version_in_force(session)
            base = None if newest is None else pack_of(session, newest.hash)
        key = hash_of(files), None if base is None else base.hash
        if key not in _PREPARED:
            _PREPARED[key] = passed(prepare(files, base))
        return _PREPARED[key]

    def submit(self, files: Mapping[str, bytes], by: Actor | None = None, **more: object) -> str:
        prepared = self.prepare(files)
        with self.world.transaction() as session:
            version = publishing.submit(
                session,
                by or self.keeper,
                self.world.now,
                prepared,
                note="方案期限改短",
                **more,  # type: ignore[arg-type]
            )
            return version.hash

    def check_again(self, pack_hash: str, by: Actor | None = None) -> None:
        actor = by or self.keeper
        with self.world.transaction() as session:
            publishing.ask_check(session, actor, self.world.now, pack_hash)
        check_packs(self.world.sessions, self.world.now, passed)

    def seen(self, pack_hash: str) -> str:
        with self.world.transaction() as session:
            return digest(latest_reports(session, pack_hash))

    def approve(
        self, pack_hash: str, by: Actor | None = None, seen: str | None = None
    ) -> PackVersion:
        actor, shown = by or self.principal, seen or self.seen(pack_hash)
        with self.world.transaction() as session:
            return publishing.approve(session, actor, self.world.now, pack_hash, seen=shown)

    def version(self, pack_hash: str) -> PackVersion:
        with self.world.transaction() as session:
            return session.get_one(PackVersion, pack_hash)

    def in_force(self) -> str:
        with self.world.transaction() as session:
            return current_pack(session, local_date(self.world.now)).version_label

    def house_records(self) -> list[str]:
        with self.world.transaction() as session:
            table = table_of(JournalRecord)
            rows = session.connection().execute(
                select(table.c.body).where(table.c.kind == "house").order_by(table.c.seq)
            )
            names = [row.body.partition('"name":"')[2].partition('"')[0] for row in rows]
        return [name for name in names if name.startswith("pack_")]


@pytest.fixture(scope="module")
def ground() -> Iterator[tuple[World, Connection]]:
    """One world for all, in a transaction that is never committed."""
    with memory_connection() as connection:
        yield make_world(undone_sessions(connection)), connection


@pytest.fixture
def desk(ground: tuple[World, Connection]) -> Iterator[Desk]:
    world, connection = ground
    undone = connection.begin_nested()
    yield Desk(replace(world, cast=deepcopy(world.cast), cases=[]))
    undone.rollback()


def test_new_cases_start_on_the_approved_version_and_running_ones_stay(desk: Desk) -> None:
    old = desk.world.open_matter()
    pack_hash = desk.submit(changed_files("2", R_ACC=9))
    assert desk.in_force() == "1"
    desk.approve(pack_hash)
    new = desk.world.open_matter()
    with desk.world.transaction() as session:
        assert session.get_one(Case, new).pack_hash == pack_hash
        assert session.get_one(Case, old).pack_hash != pack_hash
    desk.world.complete(old, "accept", "甲", acceptance="accept")
    assert desk.world.differences() == []
    assert desk.house_records() == [
        "pack_installed",
        "pack_submitted",
        *["pack_report_attached"] * 3,
        "pack_approved",
    ]


def test_a_version_comes_into_force_on_its_day(desk: Desk) -> None:
    later = local_date(desk.world.now) + timedelta(days=20)
    desk.approve(desk.submit(changed_files("2"), wanted_on=later))
    assert desk.in_force() == "1"
    desk.world.now += timedelta(days=20)
    assert desk.in_force() == "2"


def test_a_version_whose_day_has_passed_comes_into_force_when_it_is_approved(desk: Desk) -> None:
    wanted = local_date(desk.world.now) + timedelta(days=2)
    pack_hash = desk.submit(changed_files("2"), wanted_on=wanted)
    desk.world.now += timedelta(days=9)
    assert desk.approve(pack_hash).in_force_on == local_date(desk.world.now)


def test_no_version_comes_before_the_one_that_it_follows(desk: Desk) -> None:
    today = local_date(desk.world.now)
    with pytest.raises(DateTooEarly):
        desk.submit(changed_files("2"), wanted_on=today - timedelta(days=1))
    desk.approve(desk.submit(changed_files("2"), wanted_on=today + timedelta(days=30)))
    with pytest.raises(DateTooEarly):
        desk.submit(changed_files("3"), wanted_on=today + timedelta(days=29))
    followed = desk.approve(desk.submit(changed_files("3")))
    assert followed.in_force_on == today + timedelta(days=30)
    desk.world.now += timedelta(days=30)
    assert desk.in_force() == "3"


def test_whoever_put_a_version_forward_does_not_decide_on_it(desk: Desk) -> None:
    both = desk.keeper
    with desk.world.transaction() as session:
        wanted = desk.world.cast.allow(session, both.account_id, ("R06",), desk.world.now)
        both = load_actor(session, wanted.account_id, local_date(desk.world.now))
    pack_hash = desk.submit(changed_files("2"), by=both)
    with pytest.raises(OwnVersion):
        desk.approve(pack_hash, by=both)
    with desk.world.transaction() as session, pytest.raises(OwnVersion):
        publishing.refuse(session, both, desk.world.now, pack_hash, "不同意")
    with desk.world.transaction() as session, pytest.raises(IntegrityError):
        session.execute(
            update(PackVersion)
            .where(PackVersion.hash == pack_hash)
            .values(
                state="approved",
                decided_by=both.account_id,
                decided_at=desk.world.now,
                in_force_on=local_date(desk.world.now),
            )
        )


def test_two_accounts_of_one_person_are_one_person(desk: Desk) -> None:
    pack_hash = desk.submit(changed_files("2"))
    other = desk.principal
    person = desk.world.cast.people["审核人"]
    twin = Actor(other.account_id, other.display_name, other.grants, person_id=person)
    with pytest.raises(OwnVersion):
        desk.approve(pack_hash, by=twin)


@pytest.mark.parametrize("role", ["R01", "R03", "R05", "R06", "R18", "R20"])
def test_only_those_who_keep_the_rules_put_versions_forward(desk: Desk, role: str) -> None:
    with pytest.raises(RoleMissing):
        desk.submit(changed_files("2"), by=desk.actor(role, role))


@pytest.mark.parametrize("role", ["R04", "R05", "R07", "R18", "R19", "R20"])
def test_only_a_principal_decides(desk: Desk, role: str) -> None:
    pack_hash = desk.submit(changed_files("2"), by=desk.actor("安全管理员", "R19"))
    with pytest.raises(RoleMissing):
        desk.approve(pack_hash, by=desk.actor(role, role))
    with desk.world.transaction() as session, pytest.raises(RoleMissing):
        publishing.refuse(session, desk.actor(role, role), desk.world.now, pack_hash, "不同意")


def test_a_townships_principal_does_not_decide_for_the_banner(desk: Desk) -> None:
    principal = desk.principal
    grants = tuple(
        type(grant)(grant.role, f"{grant.org_path}a.b.", f"{grant.unit_path}a.b.")
        for grant in principal.grants
    )
    of_town = Actor(principal.account_id, "镇党委书记", grants)
    with pytest.raises(RoleMissing):
        desk.approve(desk.submit(changed_files("2")), by=of_town)


def test_refused_and_withdrawn_versions_are_never_approved(desk: Desk) -> None:
    refused = desk.submit(changed_files("2"))
    with desk.world.transaction() as session:
        publishing.refuse(session, desk.principal, desk.world.now, refused, "依据不足")
    with pytest.raises(NotWaiting):
        desk.approve(refused)
    withdrawn = desk.submit(changed_files("3"))
    with desk.world.transaction() as session, pytest.raises(NotSubmitter):
        publishing.withdraw(session, desk.principal, desk.world.now, withdrawn, "不是我的")
    with desk.world.transaction() as session:
        publishing.withdraw(session, desk.keeper, desk.world.now, withdrawn, "还要再改")
    with pytest.raises(NotWaiting):
        desk.approve(withdrawn)
    assert desk.in_force() == "1"
    assert desk.version(refused).reason == "依据不足"
    # What was taken back may come again as it is; what was refused may not.
    assert desk.submit(changed_files("3")) == withdrawn
    with pytest.raises(VersionThere):
        desk.submit(changed_files("2"))


def test_a_refusal_without_a_reason_is_none(desk: Desk) -> None:
    pack_hash = desk.submit(changed_files("2"))
    for reason in ("", "  ", "长" * 2001):
        with desk.world.transaction() as session, pytest.raises(NoteMissing):
            publishing.refuse(session, desk.principal, desk.world.now, pack_hash, reason)
    assert desk.version(pack_hash).state == "waiting"


def test_files_and_labels_that_are_here_already_are_refused(desk: Desk) -> None:
    with pytest.raises(VersionThere):
        desk.submit(shipped_files())
    with pytest.raises(LabelTaken):
        desk.submit(changed_files("1", R_ACC=9))
    desk.submit(changed_files("2"))
    with pytest.raises(VersionThere):
        desk.submit(changed_files("2"))
    with pytest.raises(LabelTaken):
        desk.submit(changed_files("2", R_ACC=9))


def test_a_pack_of_another_name_is_no_version_of_this_one(desk: Desk) -> None:
    with pytest.raises(OtherPack):
        desk.submit(replaced(changed_files(), "pack.toml", 'id = "ladder"', 'id = "other"'))


@pytest.mark.parametrize(
    "path,old,new,rule",
    [
        ("pack.toml", 'entry = "ladder"', 'entry = "nowhere"', "pack-about"),
        ("pack.toml", 'version = "2"', f'version = "{"2" * 41}"', "pack-about"),
        ("parameters.toml", "[R_PLAN]", "[R_PLAN_NEW]", "timer-expression"),
    ],
)
def test_a_pack_with_faults_is_not_put_forward(
    desk: Desk, path: str, old: str, new: str, rule: str
) -> None:
    with pytest.raises(PackInvalid) as caught:
        desk.submit(replaced(changed_files(), path, old, new))
    assert rule in {finding.rule for finding in caught.value.findings}


def test_what_was_not_compared_with_the_newest_version_is_checked_again(desk: Desk) -> None:
    first, second = desk.submit(changed_files("2")), desk.submit(changed_files("3"))
    desk.approve(first)
    with pytest.raises(BaseMoved):
        desk.approve(second)
    desk.check_again(second)
    desk.approve(second)
    assert desk.in_force() == "3"


def test_reports_of_another_engine_are_not_good_for_an_approval(desk: Desk) -> None:
    pack_hash = desk.submit(changed_files("2"))
    with desk.world.transaction() as session:
        session.execute(update(PackReport).values(engine="0" * 64))
    with pytest.raises(ReportsStale):
        desk.approve(pack_hash)
    desk.check_again(pack_hash, by=desk.principal)
    desk.approve(pack_hash)


def test_nobody_approves_reports_that_he_was_not_shown(desk: Desk) -> None:
    pack_hash = desk.submit(changed_files("2"))
    seen = desk.seen(pack_hash)
    report = Report(ReportKind.LINT, {"findings": [{"rule": "new"}]})
    with desk.world.transaction() as session:
        attach_report(session, desk.keeper, desk.world.now, pack_hash, report)
    with pytest.raises(ReportsUnseen):
        desk.approve(pack_hash, seen=seen)
    desk.approve(pack_hash)


def test_a_version_waits_for_its_check_before_it_waits_for_its_approver(desk: Desk) -> None:
    prepared = desk.prepare(changed_files("2"))
    unchecked = Prepared(prepared.pack, prepared.base_hash, prepared.reports[:-1])
    with desk.world.transaction() as session:
        publishing.submit(session, desk.keeper, desk.world.now, unchecked, note="期限改短")
    pack_hash = prepared.pack.hash
    with pytest.raises(StillChecking):
        desk.approve(pack_hash)
    with desk.world.transaction() as session, pytest.raises(StillChecking):
        publishing.ask_check(session, desk.keeper, desk.world.now, pack_hash)
    sessions, now = desk.world.sessions, desk.world.now
    assert check_packs(sessions, now, passed) == {"waiting": 1}
    assert check_packs(sessions, now, passed) == {}
    assert desk.approve(pack_hash).decided_by == desk.principal.account_id


def test_a_version_taken_back_while_it_is_checked_stays_back(desk: Desk) -> None:
    pack_hash = desk.submit(changed_files("2"))
    with desk.world.transaction() as session:
        publishing.ask_check(session, desk.keeper, desk.world.now, pack_hash)

    def look(prepared: Prepared) -> Prepared:
        with desk.world.transaction() as session:
            publishing.withdraw(session, desk.keeper, desk.world.now, pack_hash, "还要再改")
        return passed(prepared)

    assert check_packs(desk.world.sessions, desk.world.now, look) == {"passed_by": 1}
    assert desk.version(pack_hash).state == "withdrawn"


def test_what_the_check_finds_broken_goes_no_further(desk: Desk) -> None:
    """Nobody can ever refuse to start: no case comes to that end."""
    never = "start_approval == 'refused' and R_PASS == 0"
    refused = "start_approval == 'refused'"
    files = replaced(changed_files("2"), "accountability.bpmn", refused, never)
    prepared = examine(desk.prepare(files))
    assert "end_not_started" in {each["element"] for each in prepared.broken or ()}
    with desk.world.transaction() as session, pytest.raises(PackUnsound):
        publishing.submit(session, desk.keeper, desk.world.now, prepared, note="试")
    unchecked = Prepared(prepared.pack, prepared.base_hash, prepared.reports[:-1])
    with desk.world.transaction() as session:
        publishing.submit(session, desk.keeper, desk.world.now, unchecked, note="试")
    found = check_packs(desk.world.sessions, desk.world.now, lambda _: prepared)
    assert found == {"failed": 1}
    with pytest.raises(NotWaiting):
        desk.approve(prepared.pack.hash)
    # Its label is free again for the mended one.
    desk.submit(changed_files("2"))


def test_an_unknown_version_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.approve("0" * 64, seen="0")


def test_each_content_is_kept_once_and_every_version_is_whole(desk: Desk) -> None:
    files = changed_files("2", R_ACC=9)
    pack_hash = desk.submit(files)
    with desk.world.transaction() as session:
        kept = session.scalar(select(func.count()).select_from(PackContent))
        named = session.scalar(select(func.count()).select_from(PackFile))
        assert pack_files(session, (pack_hash,)) == {pack_hash: files}
    assert named == 2 * len(files)
    assert kept == len({*files.values(), *shipped_files().values()})


# --------------------------------------------------------------- two at once, both databases


@pytest.fixture
def shared(engine: Engine) -> Desk:
    vault = Vault(new_subject_key())
    return Desk(make_world(session_factory(engine, vault.session_marks())))


def test_of_two_approvals_of_one_version_one_wins(shared: Desk) -> None:
    pack_hash = shared.submit(changed_files("2"))
    one, other = shared.actor("部长", "R06"), shared.actor("书记", "R06")
    outcomes = race(
        lambda: shared.approve(pack_hash, by=one), lambda: shared.approve(pack_hash, by=other)
    )
    assert _winners(outcomes) == 1
    assert shared.house_records().count("pack_approved") == 1


def test_of_two_versions_approved_at_once_one_waits_for_a_new_look(shared: Desk) -> None:
    hashes = [shared.submit(changed_files(label)) for label in ("2", "3")]
    one, other = shared.actor("部长", "R06"), shared.actor("书记", "R06")
    outcomes = race(
        lambda: shared.approve(hashes[0], by=one), lambda: shared.approve(hashes[1], by=other)
    )
    assert _winners(outcomes) == 1
    states = sorted(shared.version(each).state for each in hashes)
    assert states == ["approved", "waiting"]


def test_of_approval_and_withdrawal_at_once_one_wins(shared: Desk) -> None:
    pack_hash = shared.submit(changed_files("2"))
    keeper, principal = shared.keeper, shared.principal

    def take_back() -> object:
        with shared.world.transaction() as session:
            now = shared.world.now
            return publishing.withdraw(session, keeper, now, pack_hash, "还要再改")

    acts: tuple[Callable[[], object], ...] = (
        take_back,
        lambda: shared.approve(pack_hash, by=principal),
    )
    assert _winners(race(*acts)) == 1


def test_the_same_files_put_forward_twice_at_once_are_one_version(shared: Desk) -> None:
    keepers = [shared.actor(name, "R04") for name in ("甲", "乙")]
    files = changed_files("2")
    outcomes = race(*(lambda who=who: shared.submit(files, by=who) for who in keepers))
    assert _winners(outcomes) == 1
    assert shared.house_records().count("pack_submitted") == 1


def _winners(outcomes: list[object]) -> int:
    losers = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(loser, Conflict) for loser in losers), losers
    return len(outcomes) - len(losers)

"""Who may do what where: roles, places, own cases, people who left, and members of a case."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeAlias

import pytest
from sqlalchemy import func, select, update

from tests.support.casework import INTAKE, World, memory_world
from tests.support.filled import NOTICE, VERIFIED, VERIFIED_ORDINARY
from workflows.domain.clocks import local_date
from workflows.domain.errors import DubanError, NotAllowed, NotFound
from workflows.domain.ids import new_id
from workflows.domain.roles import ADMINISTRATORS, Actor, Role
from workflows.services import casework
from workflows.services.access import (
    OwnCase,
    RoleMissing,
    RolesForbidden,
    load_actor,
    scope_for,
    scope_in,
)
from workflows.services.casework import ValidationFailed
from workflows.services.corrections.late import confirm_late, enter_late, refuse_late
from workflows.services.corrections.latepauses import pause_from
from workflows.services.offices import office_for
from workflows.services.steps.attachments import Upload, keep_files
from workflows.services.steps.locked import load_locked
from workflows.services.steps.paper import DecidesCase, PaperAct, PaperOfAnother, act_on_paper
from workflows.services.steps.stopping import decide_stopped
from workflows.store.base import Base, table_of
from workflows.store.scope import Scope
from workflows.store.tables import Account, Case, Grant, LateEntry, Organisation, Task
from workflows.store.transaction import Session, transaction

LEAGUE, BANNER, TOWNSHIP, GACHA = range(4)
EVERY_CASE_ROLE = tuple(role.value for role in Role if role not in ADMINISTRATORS)


@dataclass
class Place:
    """A world with an organisation's case under rectification and a person's case in it."""

    world: World
    case_id: str
    person_case: str
    entry_id: int
    other_banner: tuple[str, str]
    known: dict[str, str] = field(default_factory=dict)

    def account(
        self, name: str, roles: tuple[str, ...], unit: tuple[str, str], until: date | None = None
    ) -> str:
        """Make an account that holds roles on a unit."""
        world = self.world
        if name in self.known:
            return self.known[name]
        with world.transaction() as session:
            account_id = self.known[name] = world.cast.account(session, name, world.now)
            for role in roles:
                session.add(
                    Grant(
                        account_id=account_id,
                        role=role,
                        organisation_id=unit[0],
                        org_path=unit[1],
                        from_on=date(2020, 1, 1),
                        until_on=until,
                    )
                )
        return account_id

    def load(self, account_id: str) -> tuple[Actor, Scope]:
        """Give an account as it may act today, with what it sees."""
        with self.world.transaction() as session:
            actor = load_actor(session, account_id, local_date(self.world.now))
            return actor, scope_in(session, actor)

    def rows(self) -> dict[str, int]:
        """Count the rows of every table, and what changes of a case and its tasks."""
        with self.world.transaction() as session:
            connection = session.connection()
            counts = {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in Base.metadata.sorted_tables
            }
            case, task = table_of(Case), table_of(Task)
            counts["versions"] = connection.execute(select(func.sum(case.c.version))).scalar_one()
            counts["claimed"] = connection.execute(select(func.count(task.c.claimant))).scalar_one()
            return counts


@pytest.fixture(scope="module")
def place() -> Place:
    world = memory_world()
    case_id = world.open_matter()
    world.complete(case_id, "accept", "承办", acceptance="accept")
    world.complete(case_id, "verify", "核实甲", **VERIFIED)
    world.complete(case_id, "verify", "核实乙")
    world.complete(case_id, "notice", "承办", **{**NOTICE, "plan_required": "yes"})
    world.now += timedelta(days=100)
    world.sweep()
    world.now += timedelta(days=10)
    world.sweep()
    world.now += timedelta(days=10)
    world.sweep()
    with world.transaction() as session:
        person = world.cast.person(session, "分管副书记", world.now)
        other = _other_banner(session, world)
    decided = {
        "cause_main": "unwilling",
        "cause_evidence": "未答复",
        "review_outcome": "attribution",
        "responsible_person": person,
        "reason": "履职不力",
        "minutes_no": "12",
        "members_present": "7",
    }
    world.complete(case_id, "review", "部务委员甲", **decided)
    person_case = world.complete(case_id, "review", "部务委员乙").opened_cases[0]
    with world.transaction() as session:
        entry = LateEntry(
            case_id=case_id,
            task="call_rectification/notice#2",
            occurred_at=world.now,
            performed_by=None,
            document="收文 3",
            values={},
            entered_by=world.cast.accounts["承办"],
            entered_at=world.now,
            state="waiting",
        )
        session.add(entry)
        session.flush()
        return Place(world, case_id, person_case, entry.id, other)


def _other_banner(session: Session, world: World) -> tuple[str, str]:
    league_id, league_path = world.cast.units[LEAGUE]
    path = f"{league_path}X9."
    banner = Organisation(
        id=new_id("o"),
        code="X9",
        name="邻旗",
        kind="unit",
        level=3,
        parent_id=league_id,
        path=path,
    )
    session.add(banner)
    session.flush()
    return banner.id, path


Operation: TypeAlias = Callable[[Session, Actor, Place, str], object]


def _paper(place: Place) -> PaperAct:
    return PaperAct(place.world.cast.people["分管副书记"], date(2026, 3, 12), "收文 3")


def _first_task(session: Session, case_id: str) -> str:
    task = table_of(Task)
    statement = select(task.c.path, task.c.n).where(
        task.c.case_id == case_id, task.c.state == "open"
    )
    row = session.connection().execute(statement).first()
    assert row is not None
    return f"{row.path}#{row.n}"


OPERATIONS: dict[str, Operation] = {
    "complete": lambda s, a, p, c: casework.complete(s, a, p.world.now, c, _first_task(s, c), {}),
    "paper": lambda s, a, p, c: casework.complete(
        s, a, p.world.now, c, _first_task(s, c), {}, paper=_paper(p)
    ),
    "claim": lambda s, a, p, c: casework.claim(s, a, p.world.now, c, _first_task(s, c)),
    "reassign": lambda s, a, p, c: casework.reassign(
        s,
        a,
        p.world.now,
        c,
        _first_task(s, c),
        account_id=p.world.cast.accounts["承办"],
        reason="出差",
    ),
    "message": lambda s, a, p, c: casework.send_message(
        s, a, p.world.now, c, "extension_requested", {}
    ),
    "pause": lambda s, a, p, c: casework.pause(
        s, a, p.world.now, c, "any#1", reason="等待批复", approver=a.account_id
    ),
    "resume": lambda s, a, p, c: casework.resume(s, a, p.world.now, c, "any#1", reason="批复"),
    "enter_late": lambda s, a, p, c: enter_late(
        s, a, p.world.now, c, _first_task(s, c), {}, _paper(p)
    ),
    "pause_from": lambda s, a, p, c: pause_from(
        s,
        a,
        p.world.now,
        c,
        "any#1",
        from_on=date(2026, 3, 12),
        reason="等待批复",
        document="批复函",
    ),
    "confirm_late": lambda s, a, p, _: confirm_late(s, a, p.world.now, p.entry_id),
    "refuse_late": lambda s, a, p, _: refuse_late(s, a, p.world.now, p.entry_id, "不实"),
    "decide_stopped": lambda s, a, p, c: decide_stopped(
        s, a, p.world.now, c, go_on=True, reason="继续"
    ),
    "keep_files": lambda s, a, p, c: keep_files(
        s, a, p.world.now, c, [Upload("证据.txt", b"1")], "L1"
    ),
    "open_matter": lambda s, a, p, _: casework.open_matter(
        s, a, p.world.now, organisation_id=p.world.cast.subject_id, values=INTAKE
    ),
}


def _intruders(place: Place) -> Iterator[tuple[str, str]]:
    banner = place.world.cast.units[BANNER]
    yesterday = local_date(place.world.now) - timedelta(days=1)
    yield "elsewhere", place.account("邻旗的人", EVERY_CASE_ROLE, place.other_banner)
    for role in sorted(ADMINISTRATORS):
        yield role, place.account(f"管理员{role}", (role,), banner)
    yield "leader view", place.account("领导", (Role.LEADER_VIEW,), banner)
    yield "expired", place.account("离任的人", EVERY_CASE_ROLE, banner, until=yesterday)
    yield "no role", place.account("无角色", (), banner)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_nobody_acts_where_he_holds_no_role(place: Place, operation: str) -> None:
    for name, account_id in _intruders(place):
        actor, scope = place.load(account_id)
        for case_id in (place.case_id, place.person_case):
            before = place.rows()
            with (
                transaction(place.world.sessions, scope) as session,
                pytest.raises(DubanError) as caught,
            ):
                OPERATIONS[operation](session, actor, place, case_id)
            assert isinstance(caught.value, NotFound | RoleMissing), (name, caught.value)
            assert place.rows() == before, name


def test_switched_off_account_is_nobody(place: Place) -> None:
    account_id = place.account("停用的人", EVERY_CASE_ROLE, place.world.cast.units[BANNER])
    with place.world.transaction() as session:
        session.execute(
            update(table_of(Account)).where(Account.id == account_id).values(is_active=False)
        )
    with pytest.raises(NotFound):
        place.load(account_id)


def test_grant_ends_with_its_last_day(place: Place) -> None:
    today = local_date(place.world.now)
    account_id = place.account("今日到期", ("R03",), place.world.cast.units[BANNER], until=today)
    assert [grant.role for grant in place.load(account_id)[0].grants] == ["R03"]
    with place.world.transaction() as session:
        assert load_actor(session, account_id, today + timedelta(days=1)).grants == ()


def test_township_does_not_see_person_level_cases(place: Place) -> None:
    account_id = place.account("镇党委书记乙", EVERY_CASE_ROLE, place.world.cast.units[TOWNSHIP])
    actor, scope = place.load(account_id)
    with transaction(place.world.sessions, scope) as session:
        assert session.execute(select(Case.id).where(Case.level == "L2")).all() == []
        assert session.execute(select(Task.id).where(Task.level == "L2")).all() == []
        assert session.execute(select(Case.id).where(Case.id == place.case_id)).all() != []
        with pytest.raises(NotFound):
            OPERATIONS["claim"](session, actor, place, place.person_case)


def test_person_cases_leave_no_gap_in_the_numbers_of_their_matter(place: Place) -> None:
    with place.world.transaction() as session:
        first = session.get_one(Case, place.case_id).number
        person = session.get_one(Case, place.person_case).number
    assert first.endswith("号-1")
    assert person == first.replace("-1", "-人1")


def test_who_works_on_a_person_case_sees_that_one(place: Place) -> None:
    account_id = place.account("借调人员", ("R12",), place.world.cast.units[BANNER])
    assert place.load(account_id)[1].case_ids == ()
    task = table_of(Task)
    here = task.c.case_id == place.person_case
    with place.world.transaction() as session:
        session.connection().execute(update(task).where(here).values(claimant=account_id))
    try:
        actor, scope = place.load(account_id)
        assert scope.case_ids == (place.person_case,)
        with transaction(place.world.sessions, scope) as session:
            seen = session.execute(select(Case.id).where(Case.level == "L2")).scalars().all()
            assert seen == [place.person_case]
        assert scope_for(actor).case_ids == ()
        with place.world.transaction() as session:
            tomorrow = local_date(place.world.now) + timedelta(days=1)
            grants = table_of(Grant)
            session.connection().execute(
                update(grants)
                .where(grants.c.account_id == account_id)
                .values(until_on=tomorrow - timedelta(days=2))
            )
        left = place.load(account_id)[1]
        assert (left.paths, left.person_paths, left.case_ids) == ((), (), ())
    finally:
        with place.world.transaction() as session:
            session.connection().execute(update(task).where(here).values(claimant=None))


def test_nobody_acts_in_the_case_about_himself(place: Place) -> None:
    banner = place.world.cast.units[BANNER]
    account_id = place.account("分管副书记", EVERY_CASE_ROLE, banner)
    actor, scope = place.load(account_id)
    for operation in ("complete", "claim", "reassign", "pause_from"):
        with transaction(place.world.sessions, scope) as session, pytest.raises(NotFound):
            OPERATIONS[operation](session, actor, place, place.person_case)
        with place.world.transaction() as session, pytest.raises(OwnCase):
            OPERATIONS[operation](session, actor, place, place.person_case)


def test_nobody_types_the_paper_of_a_person_whose_case_he_decides(place: Place) -> None:
    banner = place.world.cast.units[BANNER]
    decider = place.account("部长兼承办", ("R03", "R06"), banner)
    handler = place.account("只承办", ("R03",), banner)
    with place.world.transaction() as session:
        case = session.get_one(Case, place.person_case)
        paper = PaperAct(_without_account(session, case), local_date(place.world.now), "申辩材料")
    for account_id, expected in ((decider, DecidesCase), (handler, OwnCase)):
        actor, scope = place.load(account_id)
        with transaction(place.world.sessions, scope) as session:
            task = _first_task(session, place.person_case)
            with pytest.raises(expected):
                casework.complete(
                    session, actor, place.world.now, place.person_case, task, {}, paper=paper
                )


def test_a_step_of_the_person_concerned_is_on_nobody_elses_paper(place: Place) -> None:
    handler = place.account("只承办", ("R03",), place.world.cast.units[BANNER])
    actor, _ = place.load(handler)
    with place.world.transaction() as session:
        case = load_locked(session, place.person_case)
        another = place.world.cast.person(session, "旁人", place.world.now)
        first, _, _ = _first_task(session, place.person_case).rpartition("#")
        hearing = case.definition.activity(first)
        office = office_for(session, "person_concerned", case.place)
        for roles, expected in ((("R15",), PaperOfAnother), (("R03", "R15"), None)):
            what = replace(hearing, roles=roles)
            paper = PaperAct(another, local_date(place.world.now), "申辩材料")
            act = partial(act_on_paper, session, case, what, office, actor, place.world.now, paper)
            if expected is None:
                assert act().performed_by == another
            else:
                with pytest.raises(expected):
                    act()


def _without_account(session: Session, case: Case) -> str:
    """Give the person concerned, who has no account for the moment."""
    table = table_of(Account)
    session.connection().execute(
        update(table).where(table.c.person_id == case.subject_person_id).values(is_active=False)
    )
    assert case.subject_person_id is not None
    return case.subject_person_id


# ------------------------------------------------------- pairs in one case


@pytest.fixture
def world() -> World:
    return memory_world()


def _to_talk(world: World) -> str:
    case_id = world.open_matter()
    world.complete(case_id, "accept", "承办", acceptance="accept")
    world.complete(case_id, "verify", "核实甲", **VERIFIED_ORDINARY)
    world.complete(case_id, "verify", "核实乙")
    if "choose_entry" in _open(world, case_id):
        world.complete(case_id, "choose_entry", "承办", entry_rung="criticism", reason="够用")
    return case_id


def _open(world: World, case_id: str) -> list[str]:
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        return [path.rpartition("/")[2] for path in stage.case.tasks]


def test_signer_cannot_sign_twice(world: World) -> None:
    case_id = world.open_matter()
    world.complete(case_id, "accept", "承办", acceptance="accept")
    world.complete(case_id, "verify", "核实甲", **VERIFIED_ORDINARY)
    with pytest.raises(NotAllowed):
        world.complete(case_id, "verify", "核实甲")
    assert "verify" in _open(world, case_id)


@pytest.mark.parametrize("recorder", ["谈话人", "记录人"])
def test_talker_cannot_record_his_own_talk(world: World, recorder: str) -> None:
    case_id = _to_talk(world)
    with world.transaction() as session:
        people = {
            name: world.cast.person(session, name, world.now) for name in ("谈话人", "记录人")
        }
    values: dict[str, Any] = {
        "talked_on": "2026-03-10",
        "talker": people["谈话人"],
        "recorder": people[recorder],
        "attitude": "accepts",
        "signed": "signed",
        "written_check": "not_ordered",
        "criticism_outcome": "close",
    }
    if recorder == "谈话人":
        with pytest.raises(ValidationFailed) as caught:
            world.complete(case_id, "talk", "镇长", **values)
        fields = caught.value.attributes["fields"]
        assert isinstance(fields, dict)
        assert list(fields) == ["recorder"]
        assert "谈话人" in fields["recorder"].text("zh")
    else:
        world.complete(case_id, "talk", "镇长", **values)


def test_verifier_cannot_accept_what_he_verified(world: World) -> None:
    case_id = world.open_matter()
    world.complete(case_id, "accept", "承办", acceptance="accept")
    rectified = {**VERIFIED, "problem_weight": "serious", "entry_rung": "rectification"}
    world.complete(case_id, "verify", "核实甲", **rectified)
    world.complete(case_id, "verify", "核实乙")
    served = {
        "served_on": "2026-03-10",
        "service_way": "direct",
        "requirements": "限期整改",
        "plan_required": "no",
        "progress_required": "no",
    }
    world.complete(case_id, "notice", "承办", **served)
    world.complete(case_id, "report", "支部", reported_on="2026-03-10", completed="完成")
    checked = {"initial_outcome": "passed", "initial_on": "2026-03-10"}
    with world.transaction() as session:
        schema = world.cast.stage(session, case_id, world.now).case.definition.pack.forms
        form = schema["initial_acceptance"]
        checked = {key: value for key, value in checked.items() if form.field(key)}
        reading = form.read(checked, {})
        for key in reading.errors:
            field = form.field(key)
            assert field is not None
            checked[key] = field.choices[0].value if field.choices else "2026-03-10"
    world.complete(case_id, "initial_acceptance", "镇党委书记", **checked)
    acceptance = next(name for name in _open(world, case_id) if name.startswith("acceptance"))
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        task = stage.task(acceptance)
        account_id = world.cast.accounts["核实甲"]
        unit_id, path = world.cast.units[LEAGUE]
        session.add(
            Grant(
                account_id=account_id,
                role="R13",
                organisation_id=unit_id,
                org_path=path,
                from_on=date(2020, 1, 1),
            )
        )
        session.flush()
        actor = load_actor(session, account_id, local_date(world.now))
        with pytest.raises(RolesForbidden):
            casework.complete(session, actor, world.now, case_id, task, {})

"""Role × address × object: who is refused is told nothing and writes nothing (DESIGN 8).

What should be visible is computed here from the officers' rules (DOMAIN 3.2, 3.5), not
from the program.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.routing import Rule

from tests.support.attacked import Attack, Original, attacked, browser, send
from tests.support.played import BANNER, NOW, OTHER_BANNER, TODAY, play_world
from tests.support.postgresql import Cluster
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.recusals import Ground, Reason, RecusalSource
from workflows.services.access import load_actor
from workflows.services.exports.asking import Wish, ask
from workflows.services.installation import clock_now
from workflows.services.papers.clearance_replies import DRAFTERS, SIGNERS
from workflows.services.staff.delegating import Bounds, lend_roles
from workflows.services.staff.responsibility import Line, add_duty
from workflows.services.tracks.recusal import ask as ask_recusal
from workflows.store.tables import (
    Account,
    Attachment,
    BundleJob,
    Case,
    Clock,
    Delegation,
    Draft,
    Duty,
    Grant,
    JournalRecord,
    LateEntry,
    Organisation,
    PackVersion,
    Recusal,
    Task,
    Tenure,
)

# Organisations' cases (L1): everybody who works on cases, and who watches their deadlines.
SEES_CASES = {f"R{number:02d}" for number in range(1, 15)} | {"R16", "R21"}
# Persons' cases (L2): those who work on them, granted at the banner or above.
SEES_PEOPLE = {"R03", "R04", "R05", "R06", "R07", "R08", "R09", "R14"}
ADMINISTRATORS = {"R18", "R19", "R20"}
DENIED = {302, 403, 404}


@pytest.fixture
def on_postgresql(postgresql: Cluster, tmp_path: Path) -> Iterator[Attack]:
    url = postgresql.copy_template("attacked")
    world = play_world(tmp_path, url)
    with attacked(Original(tmp_path, world, lambda _: url), tmp_path) as opened:
        yield opened
    postgresql.drop_database("attacked")


# ------------------------------------------------------------- what the rules say


@dataclass(frozen=True)
class Who:
    """An account as the rules see it."""

    username: str
    person: str | None
    is_active: bool
    grants: tuple[tuple[str, str], ...]

    def roles(self) -> set[str]:
        return {role for role, _ in self.grants}

    def sees(self, case: Case) -> bool:
        """Say whether the rules show him a case."""
        if case.level == "L2":
            if case.subject_person_id == self.person:
                return False
            return any(
                role in SEES_PEOPLE and case.org_path.startswith(unit) and unit.count(".") <= 3
                for role, unit in self.grants
            )
        return any(
            role in SEES_CASES and case.org_path.startswith(unit) for role, unit in self.grants
        )


def people_of(attack: Attack) -> dict[str, Who]:
    """Read all accounts with the roles in force today and the units that they serve."""
    found = {}
    with attack.site.session() as session:
        kinds = dict(session.execute(select(Organisation.id, Organisation.kind)).all())
        for account in session.scalars(select(Account)):
            grants = tuple(
                (grant.role, _unit(grant.org_path, kinds[grant.organisation_id]))
                for grant in account.grants
                if grant.from_on <= TODAY and (grant.until_on is None or grant.until_on >= TODAY)
            )
            found[account.username] = Who(
                account.username, account.person_id, account.is_active, grants
            )
    return found


def _unit(path: str, kind: str) -> str:
    return path if kind == "unit" else path[: path.rstrip(".").rfind(".") + 1]


# ------------------------------------------------------------------ what there is


def objects_of(attack: Attack, case_id: str) -> dict[str, Any]:
    """Give what addresses of a case need, each of that case."""
    with attack.site.session() as session:
        case = session.get_one(Case, case_id)
        task = (
            session.scalars(
                select(Task).where(Task.case_id == case_id, Task.state == "open").order_by(Task.id)
            ).first()
            or session.scalars(select(Task).where(Task.case_id == case_id)).first()
        )
        clock = session.scalars(
            select(Clock).where(Clock.case_id == case_id).order_by(Clock.id.desc())
        ).first()
        assert task is not None
        assert clock is not None
        file = session.scalar(select(Attachment.id).where(Attachment.case_id == case_id))
        entry = session.scalar(select(LateEntry.id).where(LateEntry.case_id == case_id))
        return {
            "case_id": case_id,
            "matter_id": case.matter_id,
            "file_id": file or 0,
            "entry_id": entry or 0,
            "seq": 1,
            "key": "D07",
            "task": (task.path, task.n),
            "clock": (clock.path, clock.n),
            "message": ((case.awaited or [task.path])[0], 1),
            "process": "appeal",
        }


def address_of(rule: Rule, things: dict[str, Any]) -> str:
    """Fill in the address of a rule for a case."""
    kind = "task"
    if "/clocks/" in rule.rule or "/hold/" in rule.rule:
        kind = "clock"
    elif "messages/" in rule.rule:
        kind = "message"
    path, n = things[kind]
    address = rule.rule
    for name, value in {**things, "path": path, "n": n}.items():
        for converter in ("", "int:", "path:"):
            address = address.replace(f"<{converter}{name}>", str(value))
    assert "<" not in address, address
    return address


def case_rules(attack: Attack) -> list[Rule]:
    """Give every address that names a case."""
    return [rule for rule in attack.site.app.url_map.iter_rules() if "case_id" in rule.arguments]


# Those who open every page of the cases that they see.
_LOOKING = {"chengban", "here-R21"}
ANSWERS: dict[str, Any] = {
    "reason": "试一试",
    "account": "u_x",
    "recipient": "某人",
    "purpose": "试一试",
    "review_outcome": "attribution",
    "minutes_no": "一号",
}


# ----------------------------------------------------------------------- the matrix


def usernames() -> list[str]:
    """Name every kind of attacker; the demo's cast has one of each role."""
    cast = ["dengji", "heshi1", "chengban", "shenhe", "fubuzhang", "buzhang", "changwei"]
    cast += ["tanhua", "jilu", "duban", "yanshou1", "mengwei", "anguan", "sumu1", "sumu2"]
    cast += ["tanhua1", "xitong", "anquan", "shenji"]
    made = ["away-R03", "away-R06", "away-R12", "town-R03", "town-R06", "town-R10"]
    made += ["here-R03", "here-R10", "here-R21", "here-R22"]
    return [*cast, *made, "concerned", "inactive", "expired", "coming", "roleless"]


@pytest.mark.parametrize("username", usernames())
def test_every_address_of_a_case_is_closed_to_those_who_may_not_see_it(
    refused: Attack, username: str
) -> None:
    try_every_address(refused, username)


@pytest.mark.postgresql
def test_postgresql_is_as_closed(on_postgresql: Attack) -> None:
    for username in ("away-R03", "town-R04", "here-R16", "heshi1", "concerned", "roleless"):
        try_every_address(on_postgresql, username)


def try_every_address(attack: Attack, username: str) -> None:
    who = people_of(attack)[username]
    client = browser(attack, username)
    world = attack.world
    refusals = 0
    for case_id in (world.organisation_case, world.person_case, world.elsewhere_case):
        with attack.site.session() as session:
            case = session.get_one(Case, case_id)
            may_see = who.is_active and who.sees(case)
        things = objects_of(attack, case_id)
        before = attack.version(but_looks=may_see)
        for rule in case_rules(attack):
            address = address_of(rule, things)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                if may_see and (method == "POST" or username not in _LOOKING):
                    continue  # what he may do is tried below
                if method == "GET":
                    answer = client.get(address)
                else:
                    answer = send(client, address, **ANSWERS)
                told = (username, method, address, answer.status_code)
                assert answer.status_code < 500, told
                if may_see and rule.endpoint == "cases.page":
                    assert answer.status_code == 200, told
                if not may_see:
                    refusals += 1
                    assert answer.status_code in DENIED, told
                    assert case.number not in answer.text, told
                answer.close()
        assert attack.version(but_looks=may_see) == before, f"{username} wrote"
    assert refusals or who.roles() & SEES_PEOPLE, username


def test_pages_of_the_person_concerned_open_to_him_alone_and_for_his_case_alone(
    refused: Attack,
) -> None:
    world, opened = refused.world, 0
    rules = [r for r in refused.site.app.url_map.iter_rules() if "own_id" in r.arguments]
    assert len(rules) > 5
    before = refused.version(but_looks=True)
    for username in usernames():
        client = browser(refused, username)
        for case_id in (world.organisation_case, world.person_case, world.elsewhere_case):
            things = {**objects_of(refused, case_id), "own_id": case_id}
            is_his = (username, case_id) == ("concerned", world.person_case)
            with refused.site.session() as session:
                number = session.get_one(Case, case_id).number
            for rule in rules:
                address = address_of(rule, things)
                for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                    answer = client.get(address) if method == "GET" else send(client, address)
                    told = (username, method, address, answer.status_code)
                    assert answer.status_code < 500, told
                    opened += is_his and answer.status_code == 200
                    if not is_his:
                        assert answer.status_code in DENIED, told
                        assert number not in answer.text, told
                    answer.close()
    assert opened, "the person concerned reaches his own"
    assert refused.version(but_looks=True) == before


@pytest.mark.parametrize("username", ["duban", "anguan", "sumu1", "yanshou1", "here-R21", "heshi1"])
def test_who_sees_a_case_and_may_not_act_in_it_writes_nothing(
    attack: Attack, username: str
) -> None:
    case_id = attack.world.organisation_case
    things = objects_of(attack, case_id)
    client = browser(attack, username)
    with attack.site.session() as session:
        records = session.scalar(select(func.count()).select_from(JournalRecord))
    for rule in case_rules(attack):
        if "POST" not in (rule.methods or ()) or rule.endpoint in _ALLOWED.get(username, ()):
            continue
        answer = send(client, address_of(rule, things), **ANSWERS)
        told = (username, rule.rule, answer.status_code)
        assert answer.status_code in {200, 204, 302, 403, 404, 409, 422}, told
        with attack.site.session() as session:
            now = session.scalar(select(func.count()).select_from(JournalRecord))
        assert now == records, told


# What these roles may do: what leaders decide; and take out the file of a case, on record.
_LATE = ("case_acts.confirm", "case_acts.refuse")
_FILE = "case_files.take"
# And hand up what their own office has to do.
_UP = "tasks.hand_up"
_ALLOWED = {
    "sumu1": ("home.hold", "case_acts.pause", "case_acts.resume", *_LATE, _FILE, _UP),
    "duban": (_FILE,),
    "heshi1": (_FILE,),
    "yanshou1": (_FILE,),
}


@pytest.mark.parametrize("username", usernames())
def test_matters_organisations_and_administration_are_closed_to_others(
    refused: Attack, username: str
) -> None:
    attack = refused
    who = people_of(attack)[username]
    client = browser(attack, username)
    with attack.site.session() as session:
        here = session.scalars(select(Organisation).where(Organisation.code == BANNER)).one()
        away = session.scalars(select(Organisation).where(Organisation.code == OTHER_BANNER)).one()
        case = session.get_one(Case, attack.world.organisation_case)
        expected = [
            (f"/matters/{case.matter_id}", who.sees(case)),
            (f"/organisations/{here.id}", _serves(who, here.path)),
            (f"/organisations/{away.id}", _serves(who, away.path)),
            (f"/organisations/{here.id}/duties", _serves(who, here.path)),
            (f"/organisations/{away.id}/duties", _serves(who, away.path)),
            (
                f"/determinations/matters/{case.matter_id}",
                who.sees(case) and bool(who.roles() & {"R03", "R07"}),
            ),
            *(
                (f"/overview/{page}?org={place.id}", _serves(who, place.path))
                for page in ("", "effects", "warnings", "monthly", "requests", "meeting")
                for place in (here, away)
            ),
        ]
        account = session.scalars(select(Account).where(Account.username == "dengji")).one()
        grant_id = account.grants[0].id
    expected.append((f"/administration/accounts/{account.id}", bool(who.roles() & ADMINISTRATORS)))
    before = attack.version()
    for address, may_see in expected:
        answer = client.get(address)
        wanted = {200} if may_see and who.is_active else DENIED
        assert answer.status_code in wanted, (username, address, answer.status_code)
    for rule in attack.site.app.url_map.iter_rules():
        if not rule.rule.startswith("/administration") or "POST" not in (rule.methods or ()):
            continue
        if who.roles() & ADMINISTRATORS:
            continue  # tests/integration/web/test_administration.py
        address = rule.rule.replace("<account_id>", account.id)
        address = re.sub(r"<int:\w+>", str(grant_id), address)
        answer = send(client, address, username="heshi1", role="R06", place=BANNER)
        assert answer.status_code in {302, 403}, (username, address, answer.status_code)
    assert attack.version() == before


@pytest.mark.parametrize("username", usernames())
def test_tables_and_webhooks_are_for_those_whose_they_are(refused: Attack, username: str) -> None:
    who, client = people_of(refused)[username], browser(refused, username)
    whose = {"units": {"R18"}, "people": {"R18"}, "matters": {"R01", "R03"}}
    before = refused.version()
    for kind, roles in whose.items():
        is_his = who.is_active and bool(who.roles() & roles)
        for address in (f"/exchange/{kind}", f"/exchange/{kind}/template.csv"):
            answer = client.get(address)
            assert answer.status_code in ({200} if is_his else DENIED), (username, address)
            answer.close()
        draft = f"/exchange/{kind}/drafts/x_none"
        for address in (draft, f"{draft}/left-out.xlsx"):
            assert client.get(address).status_code in DENIED, (username, address)
        assert send(client, draft).status_code in DENIED, (username, draft)
        if not is_his:
            assert send(client, f"/exchange/{kind}").status_code in DENIED
            assert send(client, f"/exchange/{kind}/export").status_code in DENIED
    hook = "/administration/webhooks/"
    may_hook = who.is_active and "R18" in who.roles()
    assert client.get(hook).status_code in ({200} if may_hook else DENIED)
    assert client.get(f"{hook}w_none").status_code in DENIED
    for act in ("switch", "end", "deliveries/1"):
        assert send(client, f"{hook}w_none/{act}").status_code in DENIED
    assert refused.version() == before


# Rules are no secret among those who work here; who may change them are few.
_KEEPS_RULES = {"R04", "R19"}
_APPROVES_RULES = {"R06"}


@pytest.mark.parametrize("username", usernames())
def test_the_pack_is_read_by_everybody_and_changed_by_two(refused: Attack, username: str) -> None:
    attack = refused
    who = people_of(attack)[username]
    client = browser(attack, username)
    with attack.site.session() as session:
        pack_hash = session.scalars(select(PackVersion.hash)).one()
    may_try = who.is_active and bool(who.roles() & (_KEEPS_RULES | _APPROVES_RULES))
    before = attack.version()
    for rule in attack.site.app.url_map.iter_rules():
        if not rule.rule.startswith("/packs"):
            continue
        address = rule.rule.replace("<pack_hash>", pack_hash).replace("<int:number>", "1")
        told, is_backtest = (username, address), rule.endpoint == "packs.backtest"
        if "GET" in (rule.methods or ()):
            may_read = may_try if is_backtest else who.is_active and bool(who.roles())
            # Nothing was found broken in the shipped version.
            found = 404 if "number" in rule.arguments else 200
            assert client.get(address).status_code in ({found} if may_read else DENIED), told
        if "POST" in (rule.methods or ()) and not (rule.endpoint == "packs.run" and may_try):
            answer = send(client, address, reason="试一试", seen="x")
            # The shipped version waits for nobody: even those who may decide change nothing.
            wanted = {403, 409, 422} if may_try else DENIED
            assert answer.status_code in wanted, (*told, answer.status_code)
    assert attack.version() == before, f"{username} wrote"


@pytest.mark.parametrize("username", usernames())
def test_migrations_are_read_by_everybody_and_made_by_few(refused: Attack, username: str) -> None:
    attack = refused
    roles = people_of(attack)[username].roles() if people_of(attack)[username].is_active else set()
    client = browser(attack, username)
    before = attack.version()
    for rule in attack.site.app.url_map.iter_rules():
        if not rule.rule.startswith("/migrations"):
            continue
        address = rule.rule.replace("<int:migration_id>", "1")
        keeps = _APPROVES_RULES if rule.endpoint in _DECIDING else _KEEPS_RULES
        methods = rule.methods or ()
        answer = client.get(address) if "GET" in methods else send(client, address, reason="试")
        may_try = bool(roles & keeps) if "POST" in methods or "plan" in address else bool(roles)
        # There is no migration, and no version to go to; a township decides nothing here.
        wanted = {200} if address == "/migrations/" else {403, 404, 422}
        assert answer.status_code in (wanted if may_try else DENIED), (username, address)
    assert attack.version() == before


@pytest.mark.parametrize("username", usernames())
def test_changes_of_the_calendar_are_for_administrators(refused: Attack, username: str) -> None:
    who = people_of(refused)[username]
    roles = who.roles() if who.is_active else set()
    client, before = browser(refused, username), refused.version()
    for rule in refused.site.app.url_map.iter_rules():
        if not rule.rule.startswith("/administration/calendar"):
            continue
        address, endpoint = rule.rule.replace("<int:proposal_id>", "1"), rule.endpoint
        holders = {"R18", "R19"} if endpoint.endswith(("approve", "refuse")) else {"R18"}
        if "GET" in (rule.methods or ()):
            # There is no such change.
            found = 404 if rule.arguments else 200
            may_try, answer = bool(roles & {"R18", "R19", "R20"}), client.get(address)
        else:
            found = 404 if rule.arguments else 422
            may_try, answer = bool(roles & holders), send(client, address, reason="试", seen="x")
        wanted = {found} if may_try else DENIED
        assert answer.status_code in wanted, (username, address)
    assert refused.version() == before


_DECIDING = {"migrations.approve", "migrations.refuse", "migrations.undo"}


# Taking records out: who works on cases but is neither supervised nor only helps.
_EXPORTS = {f"R{number:02d}" for number in range(1, 14)} - {"R10", "R11"} | {"R20"}


@pytest.mark.parametrize("username", usernames())
def test_an_export_is_its_askers_alone(refused: Attack, username: str) -> None:
    who = people_of(refused)[username]
    roles = who.roles() if who.is_active else set()
    export_id = _an_export(refused)
    client, before = browser(refused, username), refused.version()
    assert client.get("/exports/").status_code in ({200} if roles & _EXPORTS else DENIED)
    sees = username == "chengban" or bool(roles & {"R20"})
    for rule in refused.site.app.url_map.iter_rules():
        if "export_id" not in rule.arguments:
            continue
        address = rule.rule.replace("<int:export_id>", str(export_id))
        if "GET" in (rule.methods or ()):
            answer = client.get(address)
            assert answer.status_code in ({200} if sees else DENIED), (username, address)
        elif username != "chengban":
            # Who might agree to it learns that it does not wait.
            wanted = DENIED | ({409} if roles & {"R06", "R07"} else set())
            answer = send(client, address, reason="试")
            assert answer.status_code in wanted, (username, address)
    assert refused.version() == before


@pytest.mark.parametrize("username", usernames())
def test_a_report_is_for_those_who_take_records_out_of_their_own_place(
    refused: Attack, username: str
) -> None:
    who = people_of(refused)[username]
    client, before = browser(refused, username), refused.version()
    with refused.site.session() as session:
        codes = (BANNER, OTHER_BANNER)
        places = session.scalars(select(Organisation).where(Organisation.code.in_(codes))).all()
    assert len(places) == len(codes)
    for place in places:
        takes = who.is_active and any(
            place.path.startswith(unit) and role in _EXPORTS - {"R20"} for role, unit in who.grants
        )
        address = f"/organisations/{place.id}/inspection-report"
        assert client.get(address).status_code in ({200} if takes else DENIED), (username, address)
        wanted = {422} if takes else DENIED
        assert send(client, address).status_code in wanted, (username, address)
        # A month's figures name nobody: the auditor takes them too.
        audits = who.is_active and any(
            place.path.startswith(unit) and role == "R20" for role, unit in who.grants
        )
        wanted = {422} if takes or audits else DENIED
        month = {"org": place.id, "purpose": "", "format": "pdf"}
        assert send(client, "/overview/monthly", **month).status_code in wanted
        whole = {"recipient": "甲", "purpose": "乙", "format": "pdf", "content": "L1 L2"}
        assert send(client, address, **whole).status_code in DENIED, (username, address)
    assert refused.version() == before


@pytest.mark.parametrize("username", usernames())
def test_a_review_package_is_of_places_from_which_one_takes_records(
    refused: Attack, username: str
) -> None:
    who = people_of(refused)[username]
    roles = who.roles() if who.is_active else set()
    client, before = browser(refused, username), refused.version()
    with refused.site.session() as session:
        codes = (BANNER, OTHER_BANNER)
        places = session.scalars(select(Organisation).where(Organisation.code.in_(codes))).all()
    asks = bool(roles & _EXPORTS)
    wanted = {200} if asks else DENIED
    assert client.get("/review-packages/new").status_code in wanted
    for place in (*(each for each in places if not _takes(who, each.path)), None):
        if place is None and "R20" in roles:
            continue  # everything is his to ask for
        address = f"/review-packages/new?organisation={place.id if place else ''}"
        form = {"recipient": "甲", "purpose": "乙", "content": "L1"}
        answer = send(client, address, place=place.id if place else "*", **form)
        assert answer.status_code in ({422} if asks else DENIED), (username, address)
    wanted = {200} if "R20" in roles else DENIED
    assert client.get("/audit/deviations").status_code in wanted
    assert refused.version() == before


def _takes(who: Who, path: str) -> bool:
    own = ((role, unit) for role, unit in who.grants if role in _EXPORTS - {"R20"})
    return who.is_active and any(path.startswith(unit) for _, unit in own)


def _an_export(attack: Attack) -> int:
    """Give an export that chengban asked for, once for all of these tests."""
    with attack.site.session() as session:
        found = session.scalars(select(BundleJob.id)).first()
        asker = session.scalars(select(Account.id).where(Account.username == "chengban")).one()
        if found is not None:
            return found
        actor = load_actor(session, asker, TODAY)
        scope = BundleScope(ScopeKind.CASES, (attack.world.organisation_case,))
        return ask(
            session, actor, clock_now(session), Wish(scope, "甲", "乙", frozenset({"L1"}))
        ).id


# A delegation is taken back by its lender, by principals over its place, and by R19.
_OF_DELEGATION = {"yanshou1", "buzhang", "anquan", "concerned"}


@pytest.mark.parametrize("username", usernames())
def test_a_delegation_is_for_its_lender_and_those_over_him(refused: Attack, username: str) -> None:
    key = _a_delegation(refused)
    client, before = browser(refused, username), refused.version()
    for rule in refused.site.app.url_map.iter_rules():
        if "delegation_id" not in rule.arguments:
            continue
        if username in _OF_DELEGATION and rule.endpoint == "delegations.revoke":
            continue
        if username in _OF_DELEGATION and rule.endpoint.startswith("delegations.sheet"):
            continue
        address = rule.rule.replace("<delegation_id>", key)
        is_read = rule.methods is not None and "GET" in rule.methods
        answer = client.get(address) if is_read else send(client, address)
        assert answer.status_code in DENIED, (username, rule.rule)
    assert refused.version() == before


def _a_delegation(attack: Attack) -> str:
    """Give a delegation that yanshou1 made, once for all of these tests."""
    with attack.site.session() as session:
        found = session.scalars(select(Delegation.id)).first()
        if found is not None:
            return found
        ids = dict(session.execute(select(Account.username, Account.id)).all())
        lender = load_actor(session, ids["yanshou1"], TODAY)
        place = select(Organisation.id).where(Organisation.code == BANNER)
        return lend_roles(
            session,
            lender,
            clock_now(session),
            lender_id=lender.account_id,
            account_id=ids["yanshou2"],
            roles=["R13"],
            organisation_id=session.scalars(place).one(),
            bounds=Bounds(TODAY, TODAY + timedelta(days=9), "组发〔2026〕7号"),
        )


# Replies about persons: drafted by one who works on persons' cases, signed by another.
_CLEARING = {role.value for role in (*DRAFTERS, *SIGNERS)}


@pytest.mark.parametrize("username", usernames())
def test_replies_about_persons_are_closed_to_others(refused: Attack, username: str) -> None:
    who = people_of(refused)[username]
    if who.is_active and who.roles() & _CLEARING:
        return  # tests/integration/pages/test_pages_clearance.py
    client, before = browser(refused, username), refused.version()
    for rule in refused.site.app.url_map.iter_rules():
        if not rule.rule.startswith("/clearance"):
            continue
        address = rule.rule.replace("<person_id>", "p_x")
        for name in ("reply_id", "notice_id"):
            address = address.replace(f"<int:{name}>", "1")
        for method in {"GET", "POST"} & set(rule.methods or ()):
            answer = client.get(address) if method == "GET" else send(client, address, reason="试")
            assert answer.status_code in DENIED, (username, address)
    assert refused.version() == before


def _serves(who: Who, path: str) -> bool:
    """Say whether the rules show somebody an organisation's page."""
    if who.roles() <= ADMINISTRATORS:
        return False
    return any(path.startswith(unit) for _, unit in who.grants)


# Who answers what runs for a person (DOMAIN 2.5): the office that handles, reviews or decides.
_ANSWERS_ABOUT_PEOPLE = {"R03", "R04", "R06"}


def _answers_about(who: Who, case: Case) -> bool:
    """Say whether the rules let somebody answer about the person of a case."""
    if not who.is_active or case.subject_person_id == who.person:
        return False
    return any(
        role in _ANSWERS_ABOUT_PEOPLE and unit.count(".") <= 3 and case.org_path.startswith(unit)
        for role, unit in who.grants
    )


@pytest.mark.parametrize("username", usernames())
def test_what_runs_for_a_person_is_told_to_those_who_answer_about_him(
    refused: Attack, username: str
) -> None:
    who = people_of(refused)[username]
    with refused.site.session() as session:
        case = session.get_one(Case, refused.world.person_case)
        may_ask = _answers_about(who, case)
        person_id = case.subject_person_id
    client = browser(refused, username)
    before = refused.version(but_looks=may_ask)
    answer = client.get(f"/clearance/about/{person_id}")
    if may_ask:
        assert answer.status_code == 200
    else:
        assert answer.status_code in DENIED, (username, answer.status_code)
        draft = send(client, f"/clearance/about/{person_id}", reply_class="no_clue", reason="试")
        assert draft.status_code in DENIED, (username, draft.status_code)
    assert refused.version(but_looks=may_ask) == before
    for address in ("/clearance/1", "/clearance/notices/1"):
        assert client.get(address).status_code in DENIED, (username, address)


# Who serves another banner, or works on no case: to them no matter or place of this one exists.
_OUTSIDE = [
    "away-R01",
    "away-R03",
    "away-R06",
    "town-R06",
    "xitong",
    "shenji",
    "expired",
]
# Who sees a place and keeps nothing of it.
_LOOKING_ON = ["here-R21", "here-R22", "anguan"]


@pytest.mark.parametrize("username", [*_OUTSIDE, *_LOOKING_ON])
def test_matters_and_places_are_changed_by_their_own_officers_alone(
    refused: Attack, username: str
) -> None:
    things = _of_matters_and_places(refused)
    client, looks_on = browser(refused, username), username in _LOOKING_ON
    before = refused.version(but_looks=True)
    rules = list(_rules_of_matters_and_places(refused))
    assert len(rules) > 20
    with refused.site.session() as session:
        number = session.get_one(Case, refused.world.organisation_case).number
    for rule in rules:
        address = address_of(rule, things)
        methods = {"POST"} if looks_on else {"GET", "POST"}
        for method in sorted(methods & set(rule.methods or ())):
            if method == "GET":
                answer = client.get(address)
            else:
                answer = send(client, address, **ANSWERS, **_OF_A_DUTY)
            # What is filled in wrongly may be told before whose it is: nothing of it is shown.
            wanted = (
                DENIED | ({422} if method == "POST" else set()) | ({409} if looks_on else set())
            )
            assert answer.status_code in wanted, (username, method, address, answer.status_code)
            assert looks_on or number not in answer.text, (username, address)
    assert refused.version(but_looks=True) == before, f"{username} wrote"


_OF_A_DUTY = {"post": "某职", "content": "某事", "basis": "某文"}
_OF_A_DUTY |= {"from_on": "2026-12-01", "until_on": "2026-12-01"}


def _rules_of_matters_and_places(attack: Attack) -> Iterator[Rule]:
    for rule in attack.site.app.url_map.iter_rules():
        if rule.arguments & {"matter_id", "organisation_id"}:
            yield rule


def _of_matters_and_places(attack: Attack) -> dict[str, Any]:
    """Give a matter and a place of the banner, with a duty that is listed there."""
    with attack.site.session() as session:
        place = session.scalars(select(Organisation).where(Organisation.code == BANNER)).one()
        ids = dict(session.execute(select(Account.username, Account.id)).all())
        duty = session.scalars(select(Duty).where(Duty.organisation_id == place.id)).first()
        if duty is None:
            officer = load_actor(session, ids["chengban"], TODAY)
            line = Line("组织委员", "抓基层党建", "职责清单", TODAY)
            duty = add_duty(session, officer, clock_now(session), place.id, line)
        found = {"organisation_id": place.id, "duty_id": duty.id, "handover_id": "h_x"}
    found |= {"matter_id": attack.world.matter, "merge_id": "g_x", "row_id": 1}
    return objects_of(attack, attack.world.organisation_case) | found


def test_a_duty_is_not_reached_through_a_place_of_ones_own(attack: Attack) -> None:
    duty = _of_matters_and_places(attack)["duty_id"]
    with attack.site.session() as session:
        own = session.scalars(
            select(Organisation.id).where(Organisation.code == OTHER_BANNER)
        ).one()
    client, before = browser(attack, "away-R03"), attack.version()
    assert client.get(f"/organisations/{own}/duties").status_code == 200
    for act in ("change", "end"):
        answer = send(client, f"/organisations/{own}/duties/{duty}/{act}", **_OF_A_DUTY)
        assert answer.status_code in DENIED, act
    assert attack.version() == before


# Addresses that a test here walks by themselves: by what stands in them, or by how they begin.
_WALKED = {"case_id", "own_id", "matter_id", "organisation_id", "export_id", "delegation_id"}
_WALKED |= {"recusal_id"}
_WALKED_FROM = ("/packs", "/migrations", "/clearance", "/administration/accounts")
_WALKED_FROM += ("/administration/grants", "/administration/incidents", "/administration/webhooks")
_WALKED_FROM += ("/exchange/", "/administration/calendar/")
# The others, with the file that tries them on those whose they are not, or why none does.
_TRIED = {
    "/break-glass/": "web/test_attack_vault.py",
    "/informants/": "web/test_attack_vault.py",
    "/interventions/": "web/test_attack_vault.py",
    "/superior/": "web/test_attack_vault.py",
    "/worklist/filters/": "pages/test_pages_filters.py",
    "/calendar/": "pages/test_pages_outside.py",
    "/joint-reports/": "pages/test_pages_burden.py",
    "/cases/errands/": "pages/test_pages_overview.py",
    "/determinations/table/": "pages/test_pages_determinations.py",
    "/tour/": "web/test_frame.py",
    "/help/": "pages and pictures of the handbook, which are everybody's",
    "/static/": "files of the pages, which are nobody's",
}


def test_every_address_with_an_object_is_tried_on_those_whose_it_is_not(refused: Attack) -> None:
    rules = [each for each in refused.site.app.url_map.iter_rules() if each.arguments]
    left = {
        rule.rule.partition("<")[0]
        for rule in rules
        if not rule.arguments & _WALKED and not rule.rule.startswith(_WALKED_FROM)
    }
    first = {next((start for start in _TRIED if each.startswith(start)), each) for each in left}
    assert first == set(_TRIED)
    folder = Path(__file__).parent.parent
    for start, file in _TRIED.items():
        if file.endswith(".py"):
            assert start in (folder / file).read_text(encoding="utf-8"), start


def _any_object(address: str) -> str:
    """Put something into the places of an address that are left, as numbers where they are."""
    return re.sub(r"<(?:string:)?\w+>", "u_x", re.sub(r"<int:\w+>", "1", address))


def test_a_form_without_its_token_is_refused_everywhere(attack: Attack) -> None:
    case_id = attack.world.organisation_case
    things = {**objects_of(attack, case_id), "own_id": case_id}
    client = browser(attack, "chengban")
    before = attack.version()
    for rule in attack.site.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()):
            continue
        address = rule.rule
        if rule.arguments & {"case_id", "own_id"}:
            address = address_of(rule, things)
        answer = client.post(_any_object(address), data=ANSWERS)
        assert answer.status_code == 400, (address, answer.status_code)
    assert attack.version() == before


def test_objects_of_one_case_are_not_reached_through_another(attack: Attack) -> None:
    """A visible case in the address does not open files and entries of an invisible one."""
    world = attack.world
    seen, hidden = (
        objects_of(attack, world.organisation_case),
        objects_of(attack, world.person_case),
    )
    client = browser(attack, "sumu1")
    before = attack.version()
    case = f"/cases/{seen['case_id']}"
    for shown in ("", "/picture", "/sheet"):
        assert client.get(f"{case}/files/{hidden['file_id']}{shown}").status_code == 404
    for act in ("confirm", "refuse"):
        answer = send(client, f"{case}/late-entries/{hidden['entry_id']}/{act}", reason="试")
        assert answer.status_code in {302, 404}
    path, n = hidden["clock"]
    send(client, f"/home/hold/{seen['case_id']}/{path}/{n}", reason="试")
    assert attack.version() == before
    # Also among cases that he sees: an entry is decided on at its own case only.
    leader = browser(attack, "fubuzhang")
    answer = send(leader, f"{case}/late-entries/{hidden['entry_id']}/refuse", reason="试")
    assert answer.status_code == 404
    with attack.site.session() as session:
        assert session.get_one(LateEntry, hidden["entry_id"]).state == "waiting"


def test_bulk_acts_do_nothing_that_one_may_not_see_or_do(attack: Attack) -> None:
    choices = []
    for case_id in (attack.world.person_case, attack.world.elsewhere_case):
        path, n = objects_of(attack, case_id)["task"]
        choices.append(f"{case_id}|{path}#{n}")
    choices += ["", "|", "x|y#1", "c_x|#", "c_x|a#99999999999999999999", "🙂|🙂#1", "a#b"]
    for username in ("sumu1", "away-R03", "here-R21", "xitong", "inactive", "expired"):
        before = attack.version()
        client = browser(attack, username)
        for act in ("claim", "release", "reassign", "remind"):
            values = {"account": "u_x"} if act == "reassign" else {}
            answer = send(
                client, f"/worklist/{act}", task=choices, reason="试", reminder="试", **values
            )
            assert answer.status_code < 500
            assert attack.world.person_number not in answer.text
        assert attack.version() == before, (username, act)


def test_nobody_writes_into_anothers_draft(attack: Attack) -> None:
    case_id = attack.world.organisation_case
    with attack.site.session() as session:
        review = session.scalars(
            select(Task).where(Task.activity == "review", Task.state == "open")
        ).one()
        case_id, path, n = review.case_id, review.path, review.n
    address = f"/cases/{case_id}/tasks/{path}/{n}/draft"
    owner = browser(attack, "fubuzhang")
    assert send(owner, address, reason="我的草稿").status_code == 204
    other = browser(attack, "buzhang")
    with attack.site.session() as session:
        owner_id = session.scalar(select(Account.id).where(Account.username == "fubuzhang"))
    assert send(other, address, reason="别人的", account_id=owner_id).status_code == 204
    with attack.site.session() as session:
        drafts = {row.account_id: row.values for row in session.scalars(select(Draft))}
    assert drafts[str(owner_id)] == {"reason": "我的草稿"}
    assert "我的草稿" not in other.get(f"/cases/{case_id}/tasks/{path}/{n}").text
    before = attack.version()
    assert send(browser(attack, "away-R03"), address, reason="x").status_code == 404
    assert send(browser(attack, "here-R21"), address, reason="x").status_code == 403
    assert send(owner, f"/cases/{case_id}/tasks/no/such/1/draft", reason="x").status_code == 404
    assert attack.version() == before


def test_people_are_searched_only_where_one_works(attack: Attack) -> None:
    world = attack.world
    address = f"/cases/{world.elsewhere_case}/people"
    assert browser(attack, "away-R03").get(f"{address}?q=a").status_code == 404
    for text in ("%", "_", "' OR 1=1 --", "🙂", "a" * 5000):
        answer = browser(attack, "dengji").get(address, query_string={"q": text})
        assert answer.status_code == 200
        assert len(answer.json or ()) <= 40


def test_grants_of_the_cast_are_those_the_matrix_counts_on(attack: Attack) -> None:
    """Roles that end or begin on another day count for nothing: the fixture has both."""
    people = people_of(attack)
    assert people["expired"].grants == people["coming"].grants == ()
    with attack.site.session() as session:
        held = session.scalars(
            select(Grant.role).join(Account).where(Account.username == "expired")
        )
        assert set(held) == {"R03", "R06"}
        case = session.get_one(Case, attack.world.person_case)
        assert people["chengban"].sees(case)
        assert not people["concerned"].sees(case)
    assert NOW.date() == TODAY


# ------------------------------------------- a person's case inside an organisation's


def signs_of(attack: Attack) -> list[str]:
    """Give what tells of the person's case: its number, its address, what was decided."""
    with attack.site.session() as session:
        case = session.get_one(Case, attack.world.person_case)
        return [
            case.id,
            case.number,
            case.subject_person_id or "",
            "两次督办均无实质答复",
            "责任认定",
        ]


@pytest.mark.parametrize("username", ["dengji", "heshi1", "duban", "sumu1", "anguan", "here-R21"])
def test_no_page_tells_of_a_persons_case_to_those_without_clearance(
    attack: Attack, username: str
) -> None:
    world, client = attack.world, browser(attack, username)
    branch = objects_of(attack, world.organisation_case)
    with attack.site.session() as session:
        township = session.scalars(
            select(Organisation.id).where(Organisation.code == f"{BANNER}001")
        ).one()
        organisation = session.get_one(Case, world.organisation_case).subject_organisation_id
    pages = [
        f"/cases/{world.organisation_case}",
        f"/matters/{branch['matter_id']}",
        f"/organisations/{organisation}",
        f"/organisations/{township}",
        "/home",
        "/worklist/?whose=all",
        "/overview/?process=supervision",  # a diagram that does not speak of attribution anyhow
        "/overview/effects",
        "/overview/warnings",
        "/overview/monthly",
        "/overview/requests",
        "/overview/meeting",
        f"/matters/new?organisation={organisation}",
    ]
    for address in pages:
        answer = client.get(address, follow_redirects=True)
        if answer.status_code == 403:
            continue
        assert answer.status_code == 200, (address, answer.status_code)
        # The overview draws the ladder, whose gateways have their names whoever stands there.
        drawn = re.compile(r"<svg.*?</svg>" if address == "/overview/" else "(?!)", re.DOTALL)
        told = drawn.sub("", answer.text)
        for sign in signs_of(attack):
            assert sign not in told, (username, address, sign)


def test_those_with_clearance_are_told_of_it(attack: Attack) -> None:
    text = browser(attack, "buzhang").get(f"/cases/{attack.world.organisation_case}").text
    assert attack.world.person_number in text
    assert "两次督办均无实质答复" in text


def test_the_person_concerned_is_not_shown_his_case_by_his_office(attack: Attack) -> None:
    client = browser(attack, "concerned")
    for address in ("/home", "/worklist/?whose=all", f"/matters/{attack.world.matter}"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert attack.world.person_number not in answer.text


def test_who_only_watches_deadlines_reads_no_content(attack: Attack) -> None:
    case = f"/cases/{attack.world.organisation_case}"
    things = objects_of(attack, attack.world.organisation_case)
    for username in ("anguan", "here-R21"):
        client = browser(attack, username)
        answer = client.get(case)
        assert answer.status_code == 200
        assert "两次督办未答复" not in answer.text
        for shown in ("", "/picture", "/sheet"):
            assert client.get(f"{case}/files/{things['file_id']}{shown}").status_code == 403
        assert client.get(f"/exports/new?cases={attack.world.organisation_case}").status_code == 403


@pytest.mark.parametrize("username", usernames())
def test_a_recusal_is_read_and_decided_by_few(attack: Attack, username: str) -> None:
    who = people_of(attack)[username]
    with attack.site.session() as session:
        case = session.get_one(Case, attack.world.person_case)
        handler = session.scalars(select(Account).where(Account.username == "chengban")).one()
        now = datetime(2026, 11, 23, 4, tzinfo=UTC)
        actor, reason = load_actor(session, handler.id, TODAY), Reason(Ground.WITNESS, "知情人")
        key = ask_recusal(session, actor, now, case.id, handler.id, RecusalSource.OWN, reason)
        office = session.get_one(Recusal, key).office_path
        leads = who.is_active and any(
            role == "R06" and office.startswith(path) for role, path in who.grants
        )
        may_read = who.is_active and (who.sees(case) or leads or username == "chengban")
    client = browser(attack, username)
    shown = client.get(f"/recusals/{key}")
    assert shown.status_code in ({200} if may_read else DENIED)
    assert may_read or case.number not in shown.text
    taken = send(client, f"/recusals/{key}/file", format="docx")
    assert taken.status_code in ({200} if may_read and username != "chengban" else DENIED)
    taken.close()
    before = attack.version()
    may_decide = leads and case.subject_person_id != who.person
    send(client, f"/recusals/{key}/decide", decision="grant", reason="属实")
    send(client, f"/recusals/{key}/acts/2", outcome="stands")
    with attack.site.session() as session:
        state = session.get_one(Recusal, key).state
    assert (state == "granted") is may_decide, username
    assert may_decide or attack.version() == before, username


@pytest.mark.parametrize("username", usernames())
def test_matters_are_merged_by_few(attack: Attack, username: str) -> None:
    who = people_of(attack)[username]
    with attack.site.session() as session:
        case = session.get_one(Case, attack.world.organisation_case)
        may_note = who.is_active and any(
            role in ("R01", "R03") and case.org_path.startswith(unit) for role, unit in who.grants
        )
        may_read = who.is_active and who.sees(case)
    client = browser(attack, username)
    address = f"/matters/{case.matter_id}"
    before = attack.version()
    assert client.get(f"{address}/merger").status_code in ({200} if may_read else DENIED)
    send(client, f"{address}/merger", into=case.matter_id, reason="试")
    send(client, f"{address}/merger/x_none", decision="agree", reason="试")
    send(client, f"{address}/feedback/1", given_on="2026-11-23", document="试")
    assert attack.version() == before, username
    send(client, f"{address}/feedback", towards="patrol", document="来文一号")
    assert (attack.version() != before) is may_note, username


@pytest.mark.parametrize("username", usernames())
def test_posts_and_units_are_changed_by_few(attack: Attack, username: str) -> None:
    who = people_of(attack)[username]
    with attack.site.session() as session:
        case = session.get_one(Case, attack.world.organisation_case)
        place = session.get_one(Organisation, case.subject_organisation_id)
        unit = session.get_one(Organisation, place.parent_id)
        tenure = session.scalars(
            select(Tenure).where(Tenure.organisation_id == place.id, Tenure.until_on.is_(None))
        ).first()
        assert tenure is not None
        other = session.scalars(
            select(Organisation).where(
                Organisation.parent_id == unit.parent_id,
                Organisation.id != unit.id,
                Organisation.kind == "unit",
            )
        ).first()
        assert other is not None
        handing, merging = (
            who.is_active
            and any(role in roles and unit.path.startswith(path) for role, path in who.grants)
            for roles in (("R03", "R05", "R06"), ("R06",))
        )
    client = browser(attack, username)
    address = f"/organisations/{place.id}/changes"
    before = attack.version()
    send(client, f"{address}/posts/x_none", document="清单", witness="某人")
    send(client, f"{address}/successor", successor=other.id, on="2026-11-20", document="文")
    assert attack.version() == before, username
    given = {"tenure": str(tenure.id), "to": "", "first_on": "2026-11-20", "document": "文"}
    send(client, f"{address}/posts", **given)
    with attack.site.session() as session:
        ended = session.get_one(Tenure, tenure.id).until_on
    assert (ended is not None) is handing, username
    above = f"/organisations/{unit.id}/changes/successor"
    send(client, above, successor=other.id, on="2026-11-20", document="文")
    with attack.site.session() as session:
        is_over = session.get_one(Organisation, unit.id).until_on is not None
    assert is_over is (merging and other.path.startswith(tuple(path for _, path in who.grants)))

"""One of everything that has a page of its own, in the played world."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from tests.support.case_site import CaseSite
from tests.support.packs import BROKEN, changed_files, passed, replaced, zipped
from tests.support.played import BANNER, Played
from webapp.work import writing_sessions
from workflows.domain.bundle_scopes import BundleScope, ScopeKind
from workflows.domain.clocks import local_date
from workflows.domain.informants import Channel, Identity
from workflows.domain.recusals import Ground, Reason, RecusalSource
from workflows.jobs.pack_checking import check_packs
from workflows.jobs.sequencing import run_sequencer
from workflows.services.access import Actor, load_actor
from workflows.services.exports.asking import Wish
from workflows.services.exports.asking import ask as ask_export
from workflows.services.installation import clock_now
from workflows.services.papers.over_notices import issue_notice
from workflows.services.secrecy.informants import keep_informant
from workflows.services.staff.delegating import Bounds, lend_roles
from workflows.services.tracks.recusal import ask as ask_recusal
from workflows.services.versions.migration_plan import (
    DateChange,
    DateGroup,
    MarkingPlan,
    MigrationPlan,
    plan_json,
)
from workflows.store.tables import (
    Account,
    Attachment,
    Case,
    CaseMigration,
    Declaration,
    Informant,
    Installation,
    Organisation,
    PackReport,
    PackVersion,
    PersonEffect,
    Task,
)
from workflows.store.transaction import Session


def furnish(site: CaseSite, world: Played) -> dict[str, list[str]]:
    """Make the played world a demo and put one of everything into it.

    Gives by username the addresses that no page links to.
    """
    with site.session() as session:
        session.get_one(Installation, 1).mode = "demo"
        file = select(Attachment).where(Attachment.case_id == world.organisation_case)
        paper = session.scalars(file).one()
        paper.content = b"%PDF-1.4"
        sheet = f"/cases/{paper.case_id}/files/{paper.id}/sheet"
        informant = _ask_for_things(session, clock_now(session), world)
        notice = _tell_that_it_is_over(session, clock_now(session), world)
        owing = session.scalars(select(Task.office_id).where(Task.is_milestone)).first()
    old, waiting = _put_pack_forward(site)
    _plan_migration(site, world, old, waiting)
    _break_pack(site, old)
    run_sequencer(writing_sessions(site.app), _now(site), whole=True)
    _register_hook(site)
    _put_calendar_forward(site)
    return {
        "buzhang": [f"/informants/{informant}"],
        "chengban": [
            sheet,
            f"/clearance/about/{world.person}",
            _draft_reply(site, world),
            f"/cases/{world.organisation_case}/publications",
            f"/clearance/notices/{notice}",
            f"/joint-reports/{owing}",
            f"/joint-reports/{owing}/sheet",
        ],
        "shenhe": [f"/migrations/plan?old={old}&new={waiting}", f"/packs/{waiting}/backtest"],
        "anquan": [f"/packs/{old}/broken/1"],
        "xitong": [_upload_table(site)],
    }


def _ask_for_things(session: Session, now: datetime, world: Played) -> str:
    """Ask for a bundle, a recusal and a delegation, and keep who reported; gives that key.

    One has not declared yet whether anything binds him to a side.
    """
    undeclared = Declaration.account_id == _actor(session, now, "changwei").account_id
    session.execute(delete(Declaration).where(undeclared))
    handler = _actor(session, now, "chengban")
    scope = BundleScope(ScopeKind.CASES, (world.organisation_case,))
    ask_export(session, handler, now, Wish(scope, "甲", "乙", frozenset({"L1"})))
    reason = Reason(Ground.WITNESS, "知情人")
    of, who = world.person_case, handler.account_id
    ask_recusal(session, handler, now, of, who, RecusalSource.OWN, reason)
    _lend(session, now)
    keep_informant(session, now, world.matter, Identity(True, Channel.LETTER, "某人", "1"))
    return session.scalars(select(Informant.id)).one()


def _lend(session: Session, now: datetime) -> None:
    lender, other = _actor(session, now, "yanshou1"), _actor(session, now, "yanshou2")
    lend_roles(
        session,
        lender,
        now,
        lender_id=lender.account_id,
        account_id=other.account_id,
        roles=["R13"],
        organisation_id=session.scalars(
            select(Organisation.id).where(Organisation.code == BANNER)
        ).one(),
        bounds=Bounds(local_date(now), local_date(now) + timedelta(days=9), "组发〔2026〕7号"),
    )


def _actor(session: Session, now: datetime, username: str) -> Actor:
    account = select(Account.id).where(Account.username == username)
    return load_actor(session, session.scalars(account).one(), local_date(now))


def _put_pack_forward(site: CaseSite) -> tuple[str, str]:
    """Put a version forward whose check finds nothing; gives the one in force and that one."""
    form = site.officer("shenhe").open("/packs/").form("/packs/")
    form.fill(file=(io.BytesIO(zipped(_redrawn())), "pack.zip"), note="期限改短").send()
    check_packs(site.sessions, _now(site), passed)
    with site.session() as session:
        versions = dict(session.execute(select(PackVersion.state, PackVersion.hash)).all())
    return versions["shipped"], versions["waiting"]


def _plan_migration(site: CaseSite, world: Played, old: str, new: str) -> None:
    """Keep a plan to bring cases to a version, made up: working one out takes seconds."""
    with site.session() as session:
        now = clock_now(session)
        case = session.get_one(Case, world.organisation_case)
        on = local_date(now)
        change = DateChange(case.number, "report", "R_RECT", on, on + timedelta(days=9), False)
        moved = MarkingPlan(
            case.process_id, case.marking_hash, 1, (case.number,), case.marking_hash
        )
        groups = (DateGroup("R_RECT", False, 1, (change,)),)
        plan = plan_json(MigrationPlan(old, new, {}, False, now, (moved,), (), groups, (), ()))
        submitter = _actor(session, now, "shenhe").account_id
        told = {"note": "按新规定办理", "submitted_at": now, "submitted_by": submitter}
        of = {"old_hash": old, "new_hash": new, "plan": plan, "sha256": "0" * 64}
        session.add(CaseMigration(**of, **told, state="waiting"))


def _break_pack(site: CaseSite, pack_hash: str) -> None:
    """Let a check have found that the version in force breaks a rule."""
    with site.session() as session:
        found = {"kind": "check", "body": BROKEN, "engine": "0" * 64, "sha256": "0" * 64}
        session.add(
            PackReport(pack_hash=pack_hash, made_at=clock_now(session), made_by="check", **found)
        )


def _tell_that_it_is_over(session: Session, now: datetime, world: Played) -> int:
    """Let an effect on the person have run out, and give the number of the notice of it."""
    today = local_date(now)
    case = session.get_one(Case, world.person_case)
    session.add(
        PersonEffect(
            case_id=case.id,
            person_id=world.person,
            org_path=case.org_path,
            kind="promotion",
            rule="R_EFF_ADM",
            from_on=today - timedelta(days=200),
            until_on=today - timedelta(days=9),
            basis="试",
            seq=1,
        )
    )
    session.flush()
    handler = _actor(session, now, "chengban")
    return issue_notice(session, handler, now, case.id, 1, "promotion").id


def _put_calendar_forward(site: CaseSite) -> None:
    """Put days of leave forward that move deadlines, for another administrator to decide on."""
    page, today = "/administration/calendar/", local_date(_now(site))
    form = site.officer("xitong").open(page).form(f"{page}effect")
    days = {
        name: (today + timedelta(days=count)).isoformat()
        for name, count in (("first_on", -20), ("last_on", 9))
    }
    form.fill(place=BANNER, kind="leave", name="那达慕大会", source="旗政办发〔2026〕9号", **days)
    form.send().form(f"{page}proposals").fill(note="旗政府放假通知").send()


def _redrawn() -> dict[str, bytes]:
    """Give a version that adds, removes and changes something on a diagram."""
    files = replaced(changed_files("2", R_PLANCHK=3), "criticism.bpmn", "talk_overdue", "talk_late")
    return replaced(files, "criticism.bpmn", 'name="检查评估"', 'name="评估"')


def _now(site: CaseSite) -> datetime:
    with site.session() as session:
        return clock_now(session)


def _draft_reply(site: CaseSite, world: Played) -> str:
    address = f"/clearance/about/{world.person}"
    form = site.officer("chengban").open(address).form(address)
    asked = {"purpose": "promotion", "on": local_date(_now(site)).isoformat(), "asked_by": "干部科"}
    done = form.fill(document="函〔2026〕8号", reply_class="nothing", reason="试", **asked).send(
        follow=False
    )
    return done.answer.headers["Location"]


def _upload_table(site: CaseSite) -> str:
    """Send a table of units that changes nothing, and give the address of its preview."""
    officer, address = site.officer("xitong"), "/exchange/units"
    with officer.open(address).form(f"{address}/export").send(format="csv").answer as taken:
        content = taken.data
    form = officer.open(address).form(address).fill(file=(io.BytesIO(content), "units.csv"))
    return form.send(follow=False).answer.headers["Location"]


def _register_hook(site: CaseSite) -> None:
    address = "/administration/webhooks/"
    form = site.officer("xitong").open(address).form(address)
    form.fill(name="平台", url="http://127.0.0.1:9/in", kinds=["opened"]).send()

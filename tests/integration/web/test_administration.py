"""The three administrators: what each may, and that none may do it alone."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from tests.support.web import PASSWORD, Site, log_in, make_account, post
from webapp.words.incidents import REMEDIES, SAFE
from webapp.words.labels import INCIDENTS
from workflows.domain.orphans import OrphanKind
from workflows.store.tables import (
    Account,
    Grant,
    Heartbeat,
    Incident,
    Installation,
    JournalRecord,
    LoginFailure,
)

ACCOUNTS = "/administration/accounts"
INCIDENTS_PAGE = "/administration/incidents/"


@pytest.fixture(autouse=True)
def ids(site: Site) -> dict[str, str]:
    with site.session() as session:
        return {
            "system": make_account(session, "wuyun", ("R18", "15")),
            "security": make_account(session, "baiyin", ("R19", "15")),
            "audit": make_account(session, "qiqige", ("R20", "15")),
            "handler": make_account(session, "nashun", ("R03", "159001.ORG")),
        }


@pytest.fixture
def system(site: Site) -> FlaskClient:
    client = site.client()
    log_in(client, "wuyun")
    return client


@pytest.fixture
def security(site: Site) -> FlaskClient:
    client = site.client()
    log_in(client, "baiyin")
    return client


def _state(site: Site, username: str) -> Account:
    with site.session() as session:
        return session.query(Account).filter_by(username=username).one()


def test_a_new_account_stays_closed_until_the_other_administrator_approves(
    site: Site, system: FlaskClient, security: FlaskClient
) -> None:
    made = post(system, ACCOUNTS, username="narisu", display_name="那日苏", office="159001.ORG")
    assert made.status_code == 200
    password = made.text.partition("<code>")[2].partition("</code>")[0]
    assert log_in(site.client(), "narisu", password).status_code == 422
    account = _state(site, "narisu")
    assert account.office_id == site.places["159001.ORG"]
    refused = post(system, f"{ACCOUNTS}/{account.id}/approve", seen_on="/account")
    assert refused.status_code == 403
    post(security, f"{ACCOUNTS}/{account.id}/approve", seen_on="/account")
    entered = log_in(site.client(), "narisu", password)
    assert entered.headers["Location"] == "/account/password"


def test_whoever_hands_out_a_one_time_password_cannot_come_in_with_it(
    site: Site, ids: dict[str, str], system: FlaskClient
) -> None:
    made = post(system, f"{ACCOUNTS}/{ids['handler']}/password", seen_on="/account")
    password = made.text.partition("<code>")[2].partition("</code>")[0]
    assert log_in(site.client(), "nashun", password).status_code == 422
    assert log_in(site.client(), "nashun", PASSWORD).status_code == 422


def test_only_the_security_administrator_grants_and_never_to_himself(
    site: Site, ids: dict[str, str], system: FlaskClient, security: FlaskClient
) -> None:
    values = {"role": "R05", "place": "159001", "from_on": "2026-01-01"}
    handler = f"{ACCOUNTS}/{ids['handler']}/grants"
    assert post(system, handler, seen_on="/account", **values).status_code == 403
    itself = f"{ACCOUNTS}/{ids['security']}/grants"
    assert post(security, itself, seen_on="/account", **values).status_code == 403
    assert post(security, handler, seen_on="/account", **values).status_code == 302
    with site.session() as session:
        grant = session.query(Grant).filter_by(role="R05").one()
        assert (grant.account_id, grant.org_path) == (ids["handler"], "15.1590.159001.")
        assert session.query(JournalRecord).filter_by(actor=ids["security"]).count() == 2


@pytest.mark.parametrize("who,role", [("handler", "R18"), ("audit", "R03"), ("system", "R19")])
def test_an_administrator_holds_one_role_and_no_case_role(
    site: Site, ids: dict[str, str], security: FlaskClient, who: str, role: str
) -> None:
    address = f"{ACCOUNTS}/{ids[who]}/grants"
    values = {"role": role, "place": "159001", "from_on": "2026-01-01"}
    answer = post(security, address, seen_on="/account", **values)
    assert answer.status_code == 422
    assert "三员分离" in answer.text
    with site.session() as session:
        assert session.query(Grant).filter_by(account_id=ids[who]).count() == 1


def test_a_revoked_role_is_gone_at_once_and_stays_on_record(
    site: Site, ids: dict[str, str], security: FlaskClient
) -> None:
    with site.session() as session:
        grant_id = session.query(Grant).filter_by(account_id=ids["audit"]).one().id
    auditor = site.client()
    log_in(auditor, "qiqige")
    assert auditor.get("/administration/").status_code == 200
    post(security, f"/administration/grants/{grant_id}/revoke", seen_on="/account")
    assert auditor.get("/administration/").status_code == 403
    with site.session() as session:
        assert session.get_one(Grant, grant_id).until_on is not None


def test_a_closed_account_is_out_at_once(
    site: Site, ids: dict[str, str], system: FlaskClient
) -> None:
    handler = site.client()
    log_in(handler, "nashun")
    post(system, f"{ACCOUNTS}/{ids['handler']}/withdraw", seen_on="/account")
    assert handler.get("/account").status_code == 302
    assert not _state(site, "nashun").is_active


def test_a_place_that_is_not_one_is_told_at_its_field(
    ids: dict[str, str], security: FlaskClient
) -> None:
    address = f"{ACCOUNTS}/{ids['handler']}/grants"
    for place, told in (("没有的旗", "没有这个单位"), ("旗", "有多个单位相符")):
        values = {"role": "R05", "place": place, "from_on": "2026-01-01"}
        answer = post(security, address, seen_on="/account", **values)
        assert answer.status_code == 422
        assert told in answer.text
        assert f'value="{place}"' in answer.text


def test_a_taken_name_is_told_at_its_field(system: FlaskClient) -> None:
    answer = post(system, ACCOUNTS, username="nashun", display_name="那顺", office="")
    assert answer.status_code == 422
    assert "nashun 已被使用" in answer.text


def test_case_workers_see_no_administration_and_administrators_no_register(
    site: Site, system: FlaskClient
) -> None:
    handler = site.client()
    log_in(handler, "nashun")
    assert handler.get("/administration/").status_code == 403
    assert handler.get(ACCOUNTS).status_code == 403
    assert "登记</a>" not in system.get("/administration/").text


def test_a_locked_name_is_released_by_the_security_administrator(
    site: Site, security: FlaskClient
) -> None:
    for _ in range(5):
        log_in(site.client(), "nashun", "wrong")
    assert "nashun" in security.get("/administration/").text
    address = "/administration/locked-names/release"
    post(security, address, seen_on="/administration/", username="nashun")
    with site.session() as session:
        assert session.get(LoginFailure, "nashun") is None
    assert log_in(site.client(), "nashun").status_code == 302


def test_an_orphan_is_told_with_its_case_and_what_can_be_done(
    site: Site, system: FlaskClient
) -> None:
    with site.session() as session:
        session.add(
            Incident(
                case_id=None,
                kind="clock_missed",
                detail="call_work/plan#1",
                opened_at=datetime.now(UTC),
            )
        )
    page = system.get(INCIDENTS_PAGE).text
    assert "巡检漏过的期限" in page
    assert "请确认定时服务正在运行" in page
    assert "期限没有丢失" in page
    assert "怎样处理的" not in page


def test_a_night_without_a_check_is_told_to_administrators(site: Site, system: FlaskClient) -> None:
    assert "昨夜没有核查" not in system.get("/administration/").text
    with site.session() as session:
        session.get_one(Installation, 1).created_at = datetime.now(UTC) - timedelta(days=2)
        make_account(session, "jingban", ("R03", "159001"))
    assert "昨夜没有核查" in system.get("/administration/").text
    officer = site.client()
    log_in(officer, "jingban")
    assert "昨夜没有核查" not in officer.get("/account").text
    with site.session() as session:
        now = datetime.now(UTC)
        session.add(Heartbeat(job="check", started_at=now, finished_at=now, outcome={"found": 2}))
    page = system.get("/administration/").text
    assert "昨夜没有核查" not in page
    assert "夜间核查" in page
    assert "发现 2" in page


def test_an_incident_is_closed_with_a_reason_by_the_system_administrator_alone(
    site: Site, system: FlaskClient, security: FlaskClient
) -> None:
    with site.session() as session:
        told = Incident(
            case_id=None, kind="office_unresolved", detail="x", opened_at=datetime.now(UTC)
        )
        by_itself = Incident(
            case_id=None, kind="log_stopped", detail="y", opened_at=datetime.now(UTC)
        )
        session.add_all([told, by_itself])
        session.flush()
        ids = told.id, by_itself.id
    first, second = (f"{INCIDENTS_PAGE}{number}/close" for number in ids)
    assert "怎样处理的" not in security.get(INCIDENTS_PAGE).text
    assert post(security, first, seen_on="/account", reason="已补建").status_code == 403
    for address, values in ((first, {"reason": " "}), (second, {"reason": "已处理"})):
        post(system, address, seen_on="/account", **values)
    assert system.get(INCIDENTS_PAGE).text.count('class="incident"') == 2
    post(system, first, seen_on="/account", reason="已在单位树补建")
    assert system.get(INCIDENTS_PAGE).text.count('class="incident"') == 1
    assert "wuyun" in system.get(f"{INCIDENTS_PAGE}?state=closed").text
    twice = post(system, first, seen_on="/account", reason="再关一次")
    assert twice.status_code == 404
    with site.session() as session:
        acts = session.query(JournalRecord).filter(JournalRecord.body.contains("incident_resolved"))
        assert acts.count() == 1


def test_the_page_says_how_the_installation_is_and_what_to_do(
    site: Site, system: FlaskClient
) -> None:
    with site.session() as session:
        session.get_one(Heartbeat, "sweep").finished_at = datetime.now(UTC) - timedelta(days=3)
    page = system.get("/administration/").text
    assert "运行状况：故障" in page
    assert "到期的事项可能没有升级" in page
    assert "SpiffWorkflow 3.2.0" in page


def test_whoever_watches_from_outside_learns_that_it_lives_and_nothing_else(site: Site) -> None:
    answer = site.client().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert "Set-Cookie" not in answer.headers


def test_every_incident_says_what_it_is_and_what_to_do() -> None:
    assert set(INCIDENTS) == set(REMEDIES) == set(SAFE)
    assert set(OrphanKind) <= set(REMEDIES)

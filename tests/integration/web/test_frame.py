"""What every page shows around its content, and what it says when something goes wrong."""

import gzip
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.support.web import PASSWORD, Site, log_in, make_account, post, token_in
from webapp.gates.permissions import Permission, requires
from workflows.domain.roles import Role
from workflows.services.steps.tasks import TaskAlreadyDone
from workflows.store.tables import Heartbeat, Installation


@pytest.fixture
def visitor(site: Site) -> FlaskClient:
    with site.session() as session:
        make_account(session, "wuyun", ("R18", "15"), display_name="乌云")
    client = site.client()
    log_in(client, "wuyun")
    return client


def _beat(site: Site, ago: timedelta, late_seconds: int = 0) -> None:
    with site.session() as session:
        beat = session.get_one(Heartbeat, "sweep")
        beat.finished_at = datetime.now(UTC) - ago
        beat.late_seconds = late_seconds


def test_a_recent_sweep_is_a_quiet_line(site: Site, visitor: FlaskClient) -> None:
    page = visitor.get("/account").text
    assert "上次巡检" in page
    assert "pulse-alarm" not in page


def test_a_day_without_a_sweep_is_an_alarm_on_every_page(site: Site, visitor: FlaskClient) -> None:
    _beat(site, timedelta(hours=25))
    assert "pulse-alarm" not in visitor.get("/account").text
    _beat(site, timedelta(hours=27))
    assert "pulse-alarm" in visitor.get("/account").text
    # A load balancer that takes the pages away would hide the alarm from everybody.
    assert site.client().get("/healthz").status_code == 200


def test_a_sweep_that_runs_is_no_silence_until_it_ran_a_day(
    site: Site, visitor: FlaskClient
) -> None:
    def begun(ago: timedelta) -> str:
        with site.session() as session:
            session.get_one(Installation, 1).created_at = datetime.now(UTC) - timedelta(days=9)
            beat = session.get_one(Heartbeat, "sweep")
            beat.started_at, beat.finished_at = datetime.now(UTC) - ago, None
        return visitor.get("/account").text

    page = begun(timedelta(minutes=1))
    assert "正在巡检" in page
    assert "从未巡检" not in page
    assert "起没有巡检" in begun(timedelta(hours=27))


@pytest.mark.parametrize("ended", ["cookie", "elsewhere"])
def test_what_was_typed_outlives_the_session(site: Site, ended: str) -> None:
    with site.session() as session:
        make_account(session, "baiyin", ("R19", "15"))
    client = site.client()
    log_in(client, "baiyin")
    address, typed = "/administration/secret-words/", {"word": "𠮷堃喆昇玥镕", "kind": "warn"}
    token = token_in(client.get(address))
    with client.session_transaction() as cookie:
        cookie.clear() if ended == "cookie" else cookie.update(token="gone")
    ours = {"Origin": "http://localhost"}
    asked = client.post(address, data={"csrf_token": token, **typed}, headers=ours)
    assert asked.status_code == 401
    (kept,) = re.findall(r'name="_kept" value="([^"]*)"', asked.text)
    values = {"csrf_token": token_in(asked), "_kept": unescape(kept), "username": "baiyin"}
    wrong = client.post("/login", data={**values, "password": "x"}, headers=ours)
    assert (wrong.status_code, kept in wrong.text) == (422, True)
    resumed = client.post("/login", data={**values, "password": PASSWORD}, headers=ours)
    assert typed["word"] in resumed.text
    assert f'action="{address}"' in resumed.text
    again = {"csrf_token": token_in(resumed), **typed}
    assert typed["word"] in client.post(address, data=again, follow_redirects=True).text


def test_nobody_elsewhere_puts_words_into_a_form_of_ours(site: Site) -> None:
    client, typed = site.client(), {"word": "x", "kind": "warn"}
    for origin in ({}, {"Origin": "http://elsewhere.example"}, {"Origin": "null"}):
        answer = client.post("/administration/secret-words/", data=typed, headers=origin)
        assert answer.status_code == 400
        assert "_kept" not in answer.text
    kept = '["https://elsewhere.example/", [["word", "x"]], false]'
    log_in(client, "baiyin")
    token = token_in(client.get("/login"))
    values = {"csrf_token": token, "_kept": kept, "username": "a", "password": "b"}
    ours = {"Origin": "http://localhost"}
    assert "elsewhere" not in client.post("/login", data=values, headers=ours).text


def test_the_first_page_is_light_and_its_scripts_come_packed(site: Site) -> None:
    client = site.client()
    page = client.get("/login").text
    sent = len(page.encode())
    assets = re.findall(r'(?:href|src)="(/static/dist/app\.(?:css|js)\?v=[^"]+)"', page)
    assert len(assets) == 2
    for address in assets:
        plain = client.get(address)
        packed = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert gzip.decompress(packed.data) == plain.data
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        sent += len(packed.data)
        for answer in (plain, packed):
            answer.close()
    assert sent < 100_000


def test_only_a_demo_has_a_tour_and_begins_anew(site: Site, visitor: FlaskClient) -> None:
    assert visitor.get("/tour/").status_code == 404
    for address in ("/tour/1", "/demo-reset"):
        assert post(visitor, address, seen_on="/account").status_code == 404


def test_a_late_sweep_is_an_alarm_where_the_clock_is_true(site: Site, visitor: FlaskClient) -> None:
    _beat(site, timedelta(hours=1), late_seconds=7200)
    assert "pulse-alarm" not in visitor.get("/account").text
    with site.session() as session:
        session.get_one(Installation, 1).mode = "production"
    assert "一天内最长迟延 2 小时" in visitor.get("/account").text
    assert "pulse-alarm" in visitor.get("/account").text


def test_only_a_demo_or_test_has_a_clock_to_move(site: Site, visitor: FlaskClient) -> None:
    assert "demo-clock" in visitor.get("/account").text
    with site.session() as session:
        session.get_one(Installation, 1).mode = "production"
    assert "demo-clock" not in visitor.get("/account").text
    answer = post(visitor, "/demo-clock", seen_on="/account", to="day")
    assert answer.status_code == 404


def test_moving_the_clock_a_week_sweeps_seven_nights(site: Site, visitor: FlaskClient) -> None:
    before = datetime.now(UTC)
    answer = post(visitor, "/demo-clock", seen_on="/account", to="week", next="/account")
    assert answer.headers["Location"] == "/account"
    assert "巡检 7 次" in visitor.get("/account").text
    with site.session() as session:
        beat = session.get_one(Heartbeat, "sweep")
        assert beat.finished_at is not None
        assert timedelta(days=6) < beat.finished_at - before < timedelta(days=8)


def test_with_nothing_due_the_clock_stays(site: Site, visitor: FlaskClient) -> None:
    post(visitor, "/demo-clock", seen_on="/account", to="next", next="/account")
    assert "时钟没有拨动" in visitor.get("/account").text
    with site.session() as session:
        assert session.get_one(Installation, 1).clock_offset_seconds == 0


def test_every_answer_carries_the_strict_policy(site: Site, visitor: FlaskClient) -> None:
    for address in ("/login", "/account", "/nothing-here", "/static/icon.svg"):
        answer = visitor.get(address)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        answer.close()
    assert visitor.get("/account").headers["Cache-Control"] == "no-store"


def test_an_error_page_says_what_happened_what_is_safe_and_what_to_do(
    site: Site, visitor: FlaskClient
) -> None:
    answer = visitor.get("/nothing-here")
    assert answer.status_code == 404
    for said in ("没有这个页面", "已有的数据没有变化", "请核对地址", "主菜单"):
        assert said in answer.text


def test_a_second_submit_is_told_by_whom_and_when(site: Site, visitor: FlaskClient) -> None:
    with site.session() as session:
        colleague = make_account(session, "nashun", display_name="那顺")

    @requires(Permission.PUBLIC)
    def late() -> str:
        raise TaskAlreadyDone(
            by=colleague, at=datetime(2026, 3, 9, 18, 5, tzinfo=UTC), task="plan#1"
        )

    site.app._got_first_request = False  # the route is added after the login above
    site.app.add_url_rule("/late", view_func=late)
    answer = visitor.get("/late")
    assert answer.status_code == 409
    assert "那顺" in answer.text
    assert "2026年3月10日 02:05" in answer.text


def test_a_crash_is_a_page_and_tells_nothing_of_the_inside(
    site: Site, visitor: FlaskClient
) -> None:
    @requires(Permission.PUBLIC)
    def crash() -> str:
        raise RuntimeError("secret detail")

    site.app._got_first_request = False
    site.app.add_url_rule("/crash", view_func=crash)
    answer = visitor.get("/crash")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "请把这句话和时间告诉系统管理员" in answer.text


def test_a_database_without_an_installation_says_how_to_make_one(
    site: Site, visitor: FlaskClient
) -> None:
    with site.session() as session:
        session.delete(session.get_one(Installation, 1))
    answer = visitor.get("/account")
    assert answer.status_code == 503
    assert "duban init" in answer.text


@pytest.mark.parametrize("role", sorted(Role))
def test_no_role_meets_a_page_that_breaks(site: Site, role: Role) -> None:
    with site.session() as session:
        make_account(session, "somebody", (role.value, "159001"))
    client = site.client()
    assert log_in(client, "somebody").status_code == 302
    answer = client.get("/", follow_redirects=True)
    assert answer.status_code == 200
    for rule in site.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint != "static":
            assert client.get(rule.rule).status_code < 500, rule.rule


def test_help_is_on_every_page_and_leads_to_the_handbook(site: Site, visitor: FlaskClient) -> None:
    page = visitor.get("/administration/calendar/").text
    assert page.count('<details class="page-help">') == 1
    address = "/help/how-to/change-the-calendar"
    assert page.count(f'href="{address}"') == 2
    assert "<script" not in visitor.get(address).text.partition("<main")[2]
    assert "放假通知下达" in page
    listed = visitor.get("/help/").text
    assert listed.count('href="/help/') > 40
    assert "没有标题里有这些词" in visitor.get("/help/?q=<b>").text
    assert visitor.get("/help/reference/roles").status_code == 200
    for missing in ("nothing", "how-to/../../SECURITY", "pictures/zh/none.webp", "zh/README"):
        assert visitor.get(f"/help/{missing}").status_code == 404


def test_only_the_help_with_logging_in_is_open_to_everybody(site: Site) -> None:
    stranger = site.client()
    assert 'href="/help/log-in"' in stranger.get("/login").text
    assert "一次性密码" in stranger.get("/help/log-in").text
    for address in ("/help/", "/help/how-to/log-in", "/help/pictures/zh/home.webp"):
        assert stranger.get(address).status_code == 302


def test_a_day_that_is_pasted_is_read_as_written_or_refused_with_a_sentence(
    site: Site, visitor: FlaskClient
) -> None:
    read = {
        text: visitor.get("/days/", query_string={"text": text}).json
        for text in ("2026.3.1", "3月1日", "26.3.1", "春天", "", "x" * 900)
    }
    assert read["2026.3.1"] == {"on": "2026-03-01", "said": "2026年3月1日（周日）"}
    assert read["3月1日"]["on"].endswith("-03-01")
    assert (read["26.3.1"]["on"], read["春天"]["on"], read[""]["on"]) == ("", "", "")
    assert "看不准“26.3.1”是哪一天" in read["26.3.1"]["said"]
    past = visitor.get("/days/", query_string={"text": "12月31日", "side": "coming"}).json
    assert past["on"].endswith("-12-31")
    assert site.client().get("/days/").status_code == 302

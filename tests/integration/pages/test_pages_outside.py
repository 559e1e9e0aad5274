"""What leaves the house to people: calendars, mails."""

import hashlib
import hmac
import json
from datetime import date, timedelta
from functools import partial

import pytest
from icalendar import Calendar
from sqlalchemy import select

from tests.integration.pages.test_pages_cases_effort import register
from tests.support.case_site import CaseSite, Page
from tests.support.mailbox import mail_server
from tests.support.receiver import web_receiver
from webapp.outside.digest import write_digest
from webapp.work import writing_sessions
from workflows.jobs.mail import MailRoute
from workflows.jobs.mailing import run_digests
from workflows.jobs.sequencing import run_sequencer
from workflows.jobs.webhooks import run_webhooks
from workflows.services.access import load_actor
from workflows.services.outside.webhooks import MOST_FAILURES
from workflows.services.staff.accounts import withdraw_account
from workflows.store.tables import Account, CalendarFeed, Case, Incident, Outbox, Task, Webhook


@pytest.fixture
def desk(site: CaseSite) -> tuple[CaseSite, Case]:
    """A case whose first task a handler has taken."""
    case_id = register(site)
    handler = site.officer("chengban")
    address = site.address(case_id, "accept")
    handler.open(address).form(f"{address}/claim").send()
    with site.session() as session:
        case = session.get_one(Case, case_id)
    return site, case


def feed_address(page: Page) -> str:
    (address,) = page.root.xpath("//input[@id='feed-address']/@value")
    return str(address).removeprefix("http://localhost")


def entries(content: bytes) -> list[tuple[str, date]]:
    return [
        (str(each["summary"]), each["dtstart"].dt)
        for each in Calendar.from_ical(content).walk("VEVENT")
    ]


def test_due_dates_are_fetched_by_a_token_until_it_is_revoked(desk: tuple[CaseSite, Case]) -> None:
    site, case = desk
    handler = site.officer("chengban")
    asked = handler.open("/account")
    assert "最近取用" not in asked.text
    address = feed_address(asked.form("/account/feed").send())
    assert "最近取用从未" in handler.open("/account").text

    outside = site.app.test_client()
    answer = outside.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    assert "Set-Cookie" not in answer.headers
    with site.session() as session:
        task = session.scalars(select(Task).where(Task.case_id == case.id)).one()
        name = session.get_one(Account, task.claimant).display_name
        feed = session.get_one(CalendarFeed, task.claimant)
        assert feed.token_hash not in address
        assert feed.fetched_at is not None
    ((title, on),) = entries(answer.data)
    assert title.startswith(case.number)
    assert (on, name in answer.text) == (task.due_on, False)

    anew = feed_address(handler.open("/account").form("/account/feed").send())
    for gone in (address, address.replace(".ics", "x.ics"), "/calendar/🙂.ics"):
        refused = outside.get(gone)
        assert (refused.status_code, "Set-Cookie" in refused.headers) == (404, False)
    with_cookie = handler.client.get(anew)
    assert (with_cookie.status_code, "Set-Cookie" in with_cookie.headers) == (200, False)
    assert "已撤销" in handler.open("/account").form("/account/feed/revoke").send().text
    assert outside.get(anew).status_code == 404


def test_a_feed_of_somebody_who_left_is_gone_for_good(desk: tuple[CaseSite, Case]) -> None:
    site, _ = desk
    leaving = site.officer("heshi2")
    address = feed_address(leaving.open("/account").form("/account/feed").send())
    client = site.app.test_client()
    assert entries(client.get(address).data) == []
    now = site.at("2026-03-10")
    with site.session() as session:
        by_name = {row.username: row.id for row in session.scalars(select(Account))}
        actor = load_actor(session, by_name["xitong"], now.date())
        withdraw_account(session, actor, now, by_name["heshi2"])
    assert client.get(address).status_code == 404
    with site.session() as session:
        session.get_one(Account, by_name["heshi2"]).is_active = True
    assert client.get(address).status_code == 404


def test_whoever_works_on_no_case_has_no_feed(site: CaseSite) -> None:
    administrator = site.officer("xitong")
    page = administrator.open("/account")
    assert "日历订阅" not in page.text
    token = page.root.xpath("//input[@name='csrf_token']/@value")[0]
    assert administrator.client.post("/account/feed", data={"csrf_token": token}).status_code == 403


_ATTEMPTS = select(Outbox.attempts).where(Outbox.kind == "digest").order_by(Outbox.id)
WRITE = partial(write_digest, "https://duban.local")


def test_an_officer_gets_one_mail_a_day_without_names(
    desk: tuple[CaseSite, Case], capfd: pytest.CaptureFixture[str]
) -> None:
    site, case = desk
    handler = site.officer("chengban")
    address = "/account/digest"
    chosen = handler.open(address).form(address)
    assert chosen.fill(is_on="1", address="no address").send().status == 422
    chosen = handler.open(address).form(address)
    assert "chengban@qi.local" in chosen.fill(is_on="1", address="chengban@qi.local").send().text
    with site.session() as session:
        task = session.scalars(select(Task).where(Task.case_id == case.id)).one()
        account = session.get_one(Account, task.claimant)
        name, due_on = account.display_name, task.due_on
    assert due_on is not None
    with mail_server() as box:
        route = MailRoute("127.0.0.1", "duban@qi.local", port=box.port, security="none")

        def send(at: str, hour: int) -> dict[str, int]:
            counts = run_digests(site.sessions, site.at(at, hour), route, WRITE)
            return {name: count for name, count in counts.items() if count}

        assert send("2026-03-11", 8) == {"skipped": 1}, "nothing is due this week"
        health = site.officer("xitong").open("/administration/").text
        assert "没有等待发出的" in health, "what is given up does not wait"
        assert send("2026-03-14", 9) == {}, "a Saturday"
        monday = (due_on - timedelta(days=due_on.weekday())).isoformat()
        assert monday < due_on.isoformat()
        too_early = site.at(monday, 8) - timedelta(minutes=1)
        assert run_digests(site.sessions, too_early, route, WRITE) == {}
        assert send(monday, 8) == {"sent": 1}, "eight o'clock"
        assert send(monday, 17) == {}, "one a day"
        box.refuses = True
        now = site.at(due_on.isoformat(), 9)
        failed = {"sent": 0, "failed": 1, "skipped": 0}
        assert run_digests(site.sessions, now, route, WRITE) == failed
        with site.session() as session:
            incident = session.scalars(select(Incident)).one()
            told = (incident.kind, incident.detail, incident.resolved_at)
        assert told == ("digest_mail_failed", "SMTPRecipientsRefused", None)
        assert register(site, due_on.isoformat()), "cases go on"
        box.refuses = False
        assert run_digests(site.sessions, now, route, WRITE) == {}, "not before its time"
        again = run_digests(site.sessions, now + timedelta(minutes=2), route, WRITE)
        assert again == {"sent": 1, "failed": 0, "skipped": 0}
        with site.session() as session:
            assert session.get_one(Incident, incident.id).resolved_at is not None
            assert session.scalars(_ATTEMPTS).all() == [0, 0, 1]
            sealed = session.get_one(Case, case.id)
            session.get_one(Task, task.id).level = sealed.level = "L3"
            session.get_one(Account, account.id).language = "en"
        assert send((due_on + timedelta(days=1)).isoformat(), 8) == {"sent": 1}
    first, second, third = box.mails
    assert first["To"] == "chengban@qi.local"
    assert second["Subject"].startswith(
        f"【演示】督办提要 {due_on.year}年{due_on.month}月{due_on.day}日：今天到期 1"
    )
    text = second.get_content()
    assert f"{case.number}　受理" in text
    assert "https://duban.local/home" in text
    assert name not in f"{first}{second}{third}"
    assert case.number not in third.get_content()
    assert "1 restricted matter" in third.get_content()
    assert "chengban@qi.local" not in capfd.readouterr().err


def test_another_system_is_told_of_steps_by_signed_calls(desk: tuple[CaseSite, Case]) -> None:
    site, _ = desk
    sessions = writing_sessions(site.app)
    administrator = site.officer("xitong")
    address = "/administration/webhooks/"
    now = site.at("2026-04-01")
    run_sequencer(sessions, now)
    with web_receiver() as there:
        url = f"http://127.0.0.1:{there.port}/in?from=duban"

        def register_hook(**values: object) -> Page:
            form = administrator.open(address).form(address)
            return form.fill(**{"name": "政务平台", "url": url, **values}).send()

        assert register_hook(url="https://10.0.0.1/").status == 422
        assert register_hook(url="http://hooks.example/").status == 422
        told = register_hook(kinds=["opened", "due"])
        secret = told.root.xpath("//input[@id='hook-secret']/@value")[0]
        assert secret not in administrator.open(address).text
        with site.session() as session:
            hook = session.scalars(select(Webhook)).one()
            assert secret.encode() not in hook.secret

        case_id = register(site, "2026-04-01")
        now = site.at("2026-04-01", 11)
        assert run_webhooks(sessions, now) == {}, "only what has its leaf is told"
        run_sequencer(sessions, now)
        assert run_webhooks(sessions, now) == {"sent": 1, "failed": 0}
        ((headers, body),) = there.calls
        event = json.loads(body)
        assert (event["event"], event["case"], event["seq"]) == ("opened", case_id, "1")
        assert set(event) == {
            *("id", "event", "case", "seq", "recorded_at", "occurred_at", "due_on"),
        }
        signed = headers["Duban-Timestamp"].encode() + b"." + body
        mac = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        assert headers["Duban-Signature"] == f"v1={mac}"

        there.status = 302
        site.sweep("2026-05-12")
        now = site.at("2026-05-12", 11)
        run_sequencer(sessions, now)
        assert run_webhooks(sessions, now) == {"sent": 0, "failed": 1}
        assert run_webhooks(sessions, now) == {}, "not before its time"
        page = administrator.open(f"{address}{hook.id}")
        assert "对方答复 302" in page.text
        for _ in range(MOST_FAILURES - 1):
            now += timedelta(hours=6)
            assert run_webhooks(sessions, now)["failed"] == 1
        assert run_webhooks(sessions, now + timedelta(days=1)) == {}, "switched off"
        with site.session() as session:
            unreached = select(Incident).where(Incident.kind == "webhook_disabled")
            incident = session.scalars(unreached).one()
            assert (incident.detail, incident.resolved_at) == ("政务平台", None)

        there.status, before = 204, len(there.calls)
        page = administrator.open(f"{address}{hook.id}")
        page.form(f"{address}{hook.id}/switch").send(to="on")
        assert run_webhooks(sessions, now)["failed"] == 0, "what waited is tried at once"
        told_now = [json.loads(body) for _, body in there.calls[before:]]
        assert {each["event"] for each in told_now} == {"due"}
        passed = next(each for each in told_now if each["case"] == case_id)
        assert "2026-04-01" < passed["passed_on"] < "2026-05-12"
        with site.session() as session:
            assert session.scalars(unreached).one().resolved_at is not None

        assert event["id"] == f"{case_id}:1:opened"
        with site.session() as session:
            delivery = session.scalars(select(Outbox.id).order_by(Outbox.id)).first()
        again = f"{address}{hook.id}/deliveries/{delivery}"
        assert "再发一次" in administrator.open(f"{address}{hook.id}").form(again).send().text
        with site.session() as session:
            erased = session.scalars(select(Outbox).order_by(Outbox.id.desc())).first()
            assert erased is not None
            erased.body, erased.sent_at, erased.retry_at = {}, None, None
        before = len(there.calls)
        assert run_webhooks(sessions, now) == {"sent": 1, "failed": 0}
        assert json.loads(there.calls[before][1])["id"] in {each["id"] for each in told_now}
        assert run_webhooks(sessions, now + timedelta(days=31)) == {}
    with site.session() as session:
        assert session.scalars(select(Outbox.id)).all() == [], "a month later it is forgotten"
    page = administrator.open(f"{address}{hook.id}")
    assert "已删除" in page.form(f"{address}{hook.id}/end").send().text
    assert administrator.open(f"{address}{hook.id}").status == 404
    assert site.officer("anquan").open(address).status == 403


def test_nothing_of_a_sealed_case_is_told(desk: tuple[CaseSite, Case]) -> None:
    site, _ = desk
    sessions, now = writing_sessions(site.app), site.at("2026-06-01")
    administrator, address = site.officer("xitong"), "/administration/webhooks/"
    with web_receiver() as there:
        form = administrator.open(address).form(address)
        form.fill(name="平台", url=f"http://127.0.0.1:{there.port}/").send()
        run_sequencer(sessions, now)
        run_webhooks(sessions, now)
        before = len(there.calls)
        case_id = register(site, "2026-06-01")
        with site.session() as session:
            session.get_one(Case, case_id).level = "L3"
        run_sequencer(sessions, now)
        assert run_webhooks(sessions, now) == {}
        assert len(there.calls) == before

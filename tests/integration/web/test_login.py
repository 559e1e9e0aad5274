"""Coming in and staying in."""

from datetime import timedelta

import pytest

from tests.support.web import PASSWORD, Site, log_in, make_account, post
from workflows.services.installation import move_clock
from workflows.store.tables import Account, JournalRecord, LoginFailure


@pytest.fixture(autouse=True)
def people(site: Site) -> None:
    with site.session() as session:
        make_account(session, "nashun", ("R03", "159001.ORG"))
        make_account(session, "wuyun", ("R18", "15"))


def test_people_log_in_and_are_locked_out_alike_on_each_database(any_site: Site) -> None:
    with any_site.session() as session:
        make_account(session, "nashun", ("R03", "159001.ORG"))
    assert log_in(any_site.client(), "nashun").status_code == 302
    for _ in range(5):
        log_in(any_site.client(), "nashun", "wrong")
    assert log_in(any_site.client(), "nashun").status_code == 422


def test_a_visitor_without_login_is_asked_for_it_and_led_back(site: Site) -> None:
    client = site.client()
    answer = client.get("/account")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login?next=/account"
    entered = post(client, "/login?next=/account", username="nashun", password=PASSWORD)
    assert entered.headers["Location"] == "/account"


@pytest.mark.parametrize("address", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_login_leads_nowhere_outside(site: Site, address: str) -> None:
    client = site.client()
    entered = post(client, f"/login?next={address}", username="nashun", password=PASSWORD)
    assert entered.status_code == 302
    assert "evil" not in entered.headers["Location"]


def test_unknown_name_and_wrong_password_get_the_same_answer(site: Site) -> None:
    wrong = log_in(site.client(), "nashun", "not the password")
    unknown = log_in(site.client(), "nobody", "not the password")
    assert wrong.status_code == unknown.status_code == 422
    assert _error(wrong.text) == _error(unknown.text) != ""


def test_five_failures_lock_a_name_even_for_the_right_password(site: Site) -> None:
    client = site.client()
    for _ in range(5):
        assert log_in(client, "nashun", "wrong").status_code == 422
    locked = log_in(client, "nashun")
    assert locked.status_code == 422
    assert "15" in _error(locked.text)
    with site.session() as session:
        assert session.get_one(LoginFailure, "nashun").count == 5


def test_a_lock_ends_after_fifteen_minutes(site: Site) -> None:
    client = site.client()
    for _ in range(5):
        log_in(client, "nashun", "wrong")
    with site.session() as session:
        move_clock(session, round(timedelta(minutes=15, seconds=1).total_seconds()))
    assert log_in(client, "nashun").status_code == 302
    with site.session() as session:
        assert session.get(LoginFailure, "nashun") is None


def test_unknown_names_are_locked_like_known_ones(site: Site) -> None:
    client = site.client()
    answers = [_error(log_in(client, "nobody", "wrong").text) for _ in range(6)]
    assert answers[5] != answers[4] == answers[0]


def test_a_login_is_recorded_in_the_house_stream(site: Site) -> None:
    log_in(site.client(), "nashun")
    with site.session() as session:
        account = session.query(Account).filter_by(username="nashun").one()
        record = session.query(JournalRecord).one()
        assert (record.kind, record.actor) == ("house", account.id)
        assert account.last_login_at is not None


def test_a_new_password_ends_the_sessions_elsewhere_and_not_here(site: Site) -> None:
    here, elsewhere = site.client(), site.client()
    log_in(here, "nashun")
    log_in(elsewhere, "nashun")
    new = "a quite different sentence"
    answer = post(here, "/account/password", old=PASSWORD, new=new, again=new)
    assert answer.status_code == 302
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302
    assert log_in(site.client(), "nashun", new).status_code == 302


@pytest.mark.parametrize(
    "old,new,again,field",
    [
        ("wrong", "a quite different sentence", "a quite different sentence", "old"),
        (PASSWORD, "short", "short", "new"),
        (PASSWORD, PASSWORD, PASSWORD, "new"),
        (PASSWORD, "my name is nashun ok", "my name is nashun ok", "new"),
        (PASSWORD, "ababababababab", "ababababababab", "new"),
        (PASSWORD, "a quite different sentence", "another one altogether", "again"),
    ],
)
def test_a_refused_password_says_why_at_its_field(
    site: Site, old: str, new: str, again: str, field: str
) -> None:
    client = site.client()
    log_in(client, "nashun")
    answer = post(client, "/account/password", old=old, new=new, again=again)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_a_one_time_password_must_be_changed_before_any_work(site: Site) -> None:
    with site.session() as session:
        make_account(session, "newone", ("R18", "15"), must_change_password=True)
    client = site.client()
    assert log_in(client, "newone").headers["Location"] == "/account/password"
    assert client.get("/administration/").headers["Location"] == "/account/password"
    new = "a quite different sentence"
    post(client, "/account/password", old=PASSWORD, new=new, again=new)
    assert client.get("/administration/").status_code == 200


def test_a_withdrawn_account_is_out_at_once(site: Site) -> None:
    client = site.client()
    log_in(client, "nashun")
    with site.session() as session:
        session.query(Account).filter_by(username="nashun").one().is_active = False
    assert client.get("/account").status_code == 302
    assert log_in(site.client(), "nashun").status_code == 422


def test_logging_out_ends_the_session(site: Site) -> None:
    client = site.client()
    log_in(client, "nashun")
    post(client, "/logout", seen_on="/account")
    assert client.get("/account").status_code == 302


def test_the_session_cookie_is_closed_to_scripts_and_to_other_sites(site: Site) -> None:
    cookie = log_in(site.client(), "nashun").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_only_a_page_begins_idle_time_anew_so_a_late_image_takes_no_confirmation_away(
    site: Site,
) -> None:
    client = site.client()
    log_in(client, "nashun")
    assert "Set-Cookie" in client.get("/account").headers
    renewed = client.get("/account", headers={"HX-Request": "true"})
    assert renewed.status_code == 200
    assert "Set-Cookie" not in renewed.headers
    with client.get("/static/dist/manifest.json") as image:
        assert image.status_code == 200
        assert "Set-Cookie" not in image.headers


def test_without_its_token_no_form_is_taken(site: Site) -> None:
    answer = site.client().post("/login", data={"username": "nashun", "password": PASSWORD})
    assert answer.status_code == 400
    assert "安全校验已过期" in answer.text


def test_only_a_demo_lets_people_in_without_a_password(site: Site) -> None:
    with site.session() as session:
        account = session.query(Account).filter_by(username="nashun").one().id
    client = site.client()
    assert "演示人物" not in client.get("/login").text
    answer = post(client, "/login/demo", seen_on="/login", account=account)
    assert answer.status_code == 404


def test_a_demo_lists_its_people_by_role(demo_site: Site) -> None:
    with demo_site.session() as session:
        account = make_account(session, "nashun", ("R03", "159001.ORG"), display_name="那顺")
        roleless = make_account(session, "nobody")
    client = demo_site.client()
    page = client.get("/login").text
    assert "承办" in page
    assert "那顺" in page
    assert post(client, "/login/demo", seen_on="/login", account=roleless).status_code == 404
    assert post(client, "/login/demo", seen_on="/login", account=account).status_code == 302
    assert client.get("/account").status_code == 200


def test_the_language_is_remembered_with_the_account(site: Site) -> None:
    client = site.client()
    log_in(client, "nashun")
    post(client, "/language", seen_on="/account", language="en", next="/account")
    assert "My account" in client.get("/account").text
    again = site.client()
    log_in(again, "nashun")
    assert 'lang="en"' in again.get("/account").text


def _error(page: str) -> str:
    return page.partition('id="password-error">')[2].partition("</p>")[0]

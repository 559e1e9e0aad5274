"""What people, browsers and attackers may send: a clear page, never a crash, nothing written."""

from __future__ import annotations

import gc
import io
import warnings
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.support.attacked import Attack, browser, send
from tests.support.played import BANNER
from tests.support.refused_forms import RARE
from tests.support.web import Site, log_in, make_account, post, token_in
from tests.support.writes import written_so_far
from workflows.store.tables import (
    Attachment,
    Case,
    JournalRecord,
    Matter,
    Organisation,
    Task,
)

ODD_TEXTS = [
    "' OR 1=1; DROP TABLE cases --",
    "\x00",
    "%00%0a",
    "🙂\u202e\u200b\ufeff",
    "a" * 3000,
    "../../etc/passwd",
    "{{ 7*7 }}",
    "<script>alert(1)</script>",
    "-1",
    "99999999999999999999",
    "1e308",
    "NaN",
    "0001-01-01",
    "9999-12-31",
]
LISTS = ["/worklist/", "/organisations/", "/matters/new", "/home"]
FILTERS = ["whose", "sort", "org", "rung", "colour", "role", "claimant", "problem"]
FILTERS += ["from", "until", "after", "q", "at", "organisation", "problem_type", "page", "before"]


def test_a_nul_is_refused_wherever_it_stands(any_site: Site) -> None:
    """A text of PostgreSQL cannot hold it, one of SQLite can."""
    with any_site.session() as session:
        make_account(session, "nul", ("R18", "15"))
        before = written_so_far(session.connection())
    client = any_site.client()
    assert client.get("/login", query_string={"next": "a\0b"}).status_code == 400
    assert client.get("/cases/c_%00").status_code == 400
    assert post(client, "/login", username="a\0b", password="c").status_code == 400
    assert post(client, "/login", username="a", password="c", **{"d\0": "e"}).status_code == 400
    for names, status in ((("one.txt", "two.txt"), 422), (("one.txt", "two\0.txt"), 400)):
        files = [(io.BytesIO(b"1"), name) for name in names]
        answer = post(client, "/login", username="", password="", files=files)
        assert answer.status_code == status, names
    with any_site.session() as session:
        assert written_so_far(session.connection()) == before
    log_in(client, "nul")
    answer = client.get("/administration/accounts", query_string={"q": "\0"})
    assert answer.status_code == 400


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_no_filter_breaks_a_list(attack: Attack, text: str) -> None:
    client = browser(attack, "chengban")
    case = f"/cases/{attack.world.organisation_case}"
    before = attack.version()
    for address in (*LISTS, case):
        asked = dict.fromkeys(FILTERS, text)
        if address == "/matters/new":
            del asked["organisation"]
        answer = client.get(address, query_string=asked, follow_redirects=True)
        assert answer.status_code < 500, (address, text[:40])
        assert "<script>alert(1)" not in answer.text
    administrator = browser(attack, "xitong")
    for name in ("q", "page"):
        answer = administrator.get("/administration/accounts", query_string={name: text})
        assert answer.status_code < 500, (name, text[:40])
    assert attack.version() == before


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_no_address_breaks_a_case(attack: Attack, text: str) -> None:
    client = browser(attack, "chengban")
    case_id = attack.world.organisation_case
    odd = text.replace("\x00", "%00").replace("/", "%2F")[:300]
    for address in (
        f"/cases/{odd}",
        f"/matters/{odd}",
        f"/organisations/{odd}",
        f"/cases/{case_id}/tasks/{odd}/1",
        f"/cases/{case_id}/tasks/{odd}/{10**20}",
        f"/cases/{case_id}/tasks/verify%23x/1",
        f"/cases/{case_id}/files/{10**20}",
        f"/cases/{case_id}/messages/{odd}",
        f"/administration/accounts/{odd}",
    ):
        assert client.get(address).status_code in {302, 308, 400, 403, 404, 405}, address
    for act in ("claim", "release", "reassign", "draft", "sign", "late", "paper", "co-sign"):
        address = f"/cases/{case_id}/tasks/{odd}/{10**20}/{act}"
        answer = send(client, address, reason="试", account="u_x")
        assert answer.status_code in {302, 308, 400, 403, 404, 405, 409}, address
    for act in ("pause", "resume"):
        answer = send(client, f"/cases/{case_id}/clocks/{odd}/{10**20}/{act}", reason="试")
        assert answer.status_code < 500


def open_task(attack: Attack, activity: str = "accept") -> str:
    with attack.site.session() as session:
        task = session.scalars(
            select(Task).where(Task.activity == activity, Task.state == "open").order_by(Task.id)
        ).first()
        assert task is not None
        return f"/cases/{task.case_id}/tasks/{task.path}/{task.n}"


def records(attack: Attack) -> int:
    with attack.site.session() as session:
        return session.scalar(select(func.count()).select_from(JournalRecord)) or 0


def test_no_value_breaks_a_form(attack: Attack) -> None:
    """Every field of every open form is filled with each, by somebody who may do the task."""
    with attack.site.session() as session:
        tasks = session.scalars(select(Task).where(Task.state == "open")).all()
        addresses = {
            task.activity: f"/cases/{task.case_id}/tasks/{task.path}/{task.n}" for task in tasks
        }
    tried = 0
    for address in (each + kind for each in addresses.values() for kind in ("", "/paper")):
        for username in ("chengban",) if address.endswith("/paper") else ("chengban", "buzhang"):
            officer = attack.site.officer(username)
            page = officer.open(address)
            if page.status != 200 or address not in page.answer.text:
                continue
            task = address.removesuffix("/paper")
            names = set(page.root.xpath(f"//form[contains(@action,'{task}')]//@name"))
            for text in ODD_TEXTS:
                values: dict[str, Any] = dict.fromkeys(names - {"csrf_token", "_find"}, text)
                answer = send(officer.client, address, **values)
                tried += answer.status_code in {400, 422}
                assert answer.status_code < 500, (address, text[:40])
                answer.close()
    assert tried > 5 * len(ODD_TEXTS)


def test_unknown_and_doubled_fields_are_no_harm(attack: Attack) -> None:
    address, before = open_task(attack), records(attack)
    client = browser(attack, "chengban")
    for values in (
        {"acceptance": ["accept", "unfounded"]},
        {"acceptance": "no such choice"},
        {f"field{number}": "x" for number in range(900)},
        {"acceptance": "unfounded", "reason": "a" * 1_900_000},
    ):
        answer = send(client, address, **values)
        assert answer.status_code in {200, 302, 400, 413, 422}, answer.status_code
    huge = send(client, address, reason="a" * 3_000_000)
    assert huge.status_code in {413, 422}
    assert records(attack) <= before + 1


@pytest.mark.parametrize("field", ["acted_on", "found_on"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "99999-01-01", "今天"])
def test_days_outside_all_calendars_are_refused_or_told(
    attack: Attack, field: str, day: str
) -> None:
    if field == "found_on":
        with attack.site.session() as session:
            case = session.get_one(Case, attack.world.organisation_case)
            branch = case.subject_organisation_id
        answer = send(
            browser(attack, "dengji"),
            f"/matters/new?organisation={branch}",
            problem_type="P101",
            source="spot_check",
            disposition="procedure",
            description="试",
            found_on=day,
        )
    else:
        answer = send(
            browser(attack, "chengban"),
            open_task(attack) + "/paper",
            _paper_acted_on=day,
            _paper_document="一号",
            acceptance="accept",
        )
    assert answer.status_code in {302, 403, 409, 422}, answer.status_code


NAMES = ["../../a.pdf", "..\\..\\b.pdf", 'a"b\r\nX: y.pdf', "🙂\u202egpj.exe", "名" * 400, "\u200b"]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_file_with_an_odd_name_is_handed_out_under_a_plain_one(attack: Attack, name: str) -> None:
    case_id = attack.world.organisation_case
    with attack.site.session() as session:
        kept = session.scalars(select(Attachment).where(Attachment.case_id == case_id)).one()
        kept.name = name[:200]
        file_id = kept.id
    answer = browser(attack, "chengban").get(f"/cases/{case_id}/files/{file_id}")
    assert answer.status_code == 200
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment;")
    assert "\n" not in disposition
    assert "X" not in answer.headers
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert browser(attack, "chengban").get(f"/cases/{case_id}").status_code == 200


def test_a_file_that_lies_about_its_type_is_refused_at_its_field(attack: Attack) -> None:
    address, before = open_task(attack) + "/paper", records(attack)
    for name, content in (
        ("扫描.pdf", b"MZ\x90\0"),
        ("𠮷.jpg", b"<script>"),
        ("a.txt", b"\x7fELF"),
    ):
        answer = send(
            browser(attack, "chengban"),
            address,
            _paper_acted_on="2026-11-23",
            _paper_scan=(io.BytesIO(content), name),
            _no_secrets="1",
        )
        assert answer.status_code in {403, 422}, name
        answer.close()
    assert records(attack) == before


def test_an_upload_that_is_cut_off_writes_nothing(attack: Attack) -> None:
    address, before = open_task(attack) + "/paper", records(attack)
    # The part is a text: of a file the test client would leave its temporary one open.
    begun = '--x\r\nContent-Disposition: form-data; name="_paper_document"\r\n\r\n扫'.encode()
    answer = browser(attack, "chengban").post(
        address,
        input_stream=io.BytesIO(begun[:-1]),
        content_length=len(begun) + 1000,
        content_type="multipart/form-data; boundary=x",
    )
    assert 400 <= answer.status_code < 500
    answer.close()
    assert records(attack) == before


@pytest.mark.parametrize("size", [0, 10 * 1024 * 1024, 25 * 1024 * 1024])
def test_a_scan_of_any_size_is_kept_or_refused(attack: Attack, size: int) -> None:
    address = open_task(attack) + "/paper"
    scan = (io.BytesIO(b"%PDF-"[: size or 0] + b"x" * max(size - 5, 0)), "../../名.pdf")
    status = send(
        browser(attack, "chengban"), address, _paper_acted_on="2026-11-23", _paper_scan=scan
    ).status_code
    # The test client keeps a large body in a temporary file that it never closes.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    assert status in {302, 403, 413, 422}


def test_names_with_odd_signs_are_kept_and_escaped(attack: Attack) -> None:
    name = "<b>甲\u202e乙\u200b🙂</b>"
    with attack.site.session() as session:
        place = session.scalars(select(Organisation).where(Organisation.code == BANNER)).one()
        place.name = name
    answer = browser(attack, "chengban").get(f"/organisations/{place.id}")
    assert answer.status_code == 200
    assert "<b>甲" not in answer.text


def test_a_very_deep_tree_has_a_page(attack: Attack) -> None:
    with attack.site.session() as session:
        parent = session.scalars(select(Organisation).where(Organisation.code == BANNER)).one()
        for level in range(25):
            parent = Organisation(
                id=f"o_deep{level:021d}",
                code=f"DEEP{level}",
                name=f"深{level}",
                kind="unit",
                level=5,
                parent_id=parent.id,
                path=f"{parent.path}D{level}.",
            )
            session.add(parent)
            session.flush()
        deepest = parent.id
    client = browser(attack, "chengban")
    assert client.get(f"/organisations/{deepest}").status_code == 200
    assert client.get("/organisations/?q=深24").status_code == 200
    with attack.site.session() as session:
        assert session.scalar(select(func.count()).select_from(Matter))


def test_a_form_from_before_another_login_is_offered_again(attack: Attack) -> None:
    """Two windows: in the second he logged in anew, so the token of the first is of no use."""
    case = f"/cases/{attack.world.organisation_case}"
    client = browser(attack, "chengban")
    stale, before = token_in(client.get("/account")), records(attack)
    with client.session_transaction() as cookie:
        cookie["csrf_token"] = "of the second login"
    sent = {"csrf_token": stale, "comment": RARE}
    answer = client.post(f"{case}/comments", data=sent, headers={"Origin": "http://localhost"})
    assert answer.status_code == 400
    assert RARE in unescape(answer.text)
    assert records(attack) == before
    again = {"csrf_token": token_in(answer), "comment": RARE}
    assert client.post(f"{case}/comments", data=again).status_code == 302
    assert records(attack) == before + 1
    # From elsewhere nothing is offered: only pages of this house are.
    elsewhere = client.post(f"{case}/comments", data=sent, headers={"Origin": "http://evil.test"})
    assert elsewhere.status_code == 400
    assert RARE not in unescape(elsewhere.text)

"""What people, browsers and attackers may send: a clear page, never a crash, nothing written."""

from __future__ import annotations

import gc
import io
import re
import warnings
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import webapp
from tests.integration.web.test_attack_matrix import (
    Attack,
    attack,
    browser,
    played,
    refused,
    send,
)
from tests.support.played import BANNER, NOW, TODAY
from tests.support.refused_forms import RARE, problems_of, send_refused
from tests.support.web import Site, log_in, make_account, post, token_in
from tests.support.writes import written_so_far
from workflows.services.access import load_actor
from workflows.services.staff.responsibility import Line, add_duty
from workflows.store.tables import (
    Account,
    Attachment,
    Case,
    JournalRecord,
    Matter,
    Organisation,
    Task,
)

TEMPLATES = Path(webapp.__file__).parent / "templates"
__all__ = ["attack", "played", "refused"]  # fixtures

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


@pytest.mark.parametrize("text", ODD_TEXTS, ids=range(len(ODD_TEXTS)))
def test_no_value_breaks_a_form(attack: Attack, text: str) -> None:
    """Every field of every open form is filled with it, by somebody who may do the task."""
    with attack.site.session() as session:
        tasks = session.scalars(select(Task).where(Task.state == "open")).all()
        addresses = {
            task.activity: f"/cases/{task.case_id}/tasks/{task.path}/{task.n}" for task in tasks
        }
    for activity, address in sorted(addresses.items()):
        for username, kinds in (("chengban", ("", "/paper")), ("buzhang", ("",))):
            officer = attack.site.officer(username)
            for kind in kinds:
                page = officer.open(address + kind)
                if page.status != 200 or address + kind not in page.answer.text:
                    continue
                names = set(page.root.xpath(f"//form[contains(@action,'{address}')]//@name"))
                values: dict[str, Any] = dict.fromkeys(names - {"csrf_token", "_find"}, text)
                answer = send(officer.client, address + kind, **values)
                assert answer.status_code < 500, (activity, kind, text[:40])
                answer.close()


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


# Each form with its page and somebody who may fill it in.
FORMS = [
    ("administration.create_account", "xitong", "/administration/accounts"),
    ("administration.grant", "anquan", "/administration/accounts/{account}"),
    ("beside.begin", "chengban", "/cases/{case}/beside/discipline_advice"),
    ("beside.begin_paper", "chengban", "/cases/{case}/paper-beside/discipline_advice"),
    ("break_glass.ask", "shenji", "/break-glass/"),
    ("calendars.effect", "xitong", "/administration/calendar/"),
    ("case_acts.pause", "buzhang", "/cases/{case}"),
    ("case_acts.pause_earlier", "chengban", "/cases/{case}"),
    ("case_acts.refuse", "fubuzhang", "/cases/{case}"),
    ("case_files.take", "chengban", "/cases/{case}"),
    ("clearance.draft", "chengban", "/clearance/about/{person}"),
    ("delegations.lend", "chengban", "/delegations/"),
    ("desk.comment", "chengban", "/cases/{case}"),
    ("desk.follow_up", "chengban", "/cases/{case}"),
    ("determinations.decide", "chengban", "/determinations/"),
    ("exports.create", "chengban", "/exports/new?cases={case}"),
    ("filters.save", "chengban", "/worklist/?whose=all&rung=2"),
    ("inspection_reports.take", "chengban", "/organisations/{place}/inspection-report"),
    ("interventions.register", "chengban", "/interventions/new"),
    ("matters.create", "dengji", "/matters/new?organisation={branch}"),
    ("mergers.owe", "chengban", "/matters/{matter}/merger"),
    ("organisation_changes.hand", "chengban", "/organisations/{place}/changes"),
    ("organisation_changes.merge", "buzhang", "/organisations/{place}/changes"),
    ("overview.decide_there", "chengban", "/overview/meeting"),
    ("overview.take_monthly", "chengban", "/overview/monthly"),
    ("own.ask_recusal", "concerned", "/own/{person_case}/recusal"),
    ("own.begin", "concerned", "/own/{person_case}/beside/tolerance"),
    ("packs.submit", "anquan", "/packs/"),
    ("process_logs.take", "chengban", "/process-logs/{place}"),
    ("publications.ask", "chengban", "/cases/{person_case}/publications"),
    ("recusals.ask", "chengban", "/cases/{case}/recusals"),
    ("responsibility.add", "chengban", "/organisations/{place}/duties"),
    ("responsibility.change", "chengban", "/organisations/{place}/duties"),
    ("responsibility.end", "chengban", "/organisations/{place}/duties"),
    ("review_packages.create", "chengban", "/review-packages/new"),
    ("secret_words.change", "anquan", "/administration/secret-words/"),
    ("superior.register", "dengji", "/superior/"),
    ("tasks.complete", "chengban", "{task}"),
    ("tasks.paper", "chengban", "{task}/paper"),
    ("webhooks.make", "xitong", "/administration/webhooks/"),
    ("worklist_acts.reassign", "chengban", "/worklist/?all=1"),
    ("worklist_acts.remind", "chengban", "/worklist/?all=1"),
]


@pytest.fixture(scope="module")
def places(refused: Attack) -> dict[str, str]:
    """Give what stands in the addresses of pages, with one duty that is listed."""
    world = refused.world
    with refused.site.session() as session:
        case = session.get_one(Case, world.organisation_case)
        officer = session.scalars(select(Account.id).where(Account.username == "chengban")).one()
        place = session.scalars(select(Organisation.id).where(Organisation.code == BANNER)).one()
        line = Line("党支部书记", "主持支部日常工作", "职责清单", TODAY)
        add_duty(session, load_actor(session, officer, TODAY), NOW, place, line)
        branch = case.subject_organisation_id
    found = {"case": world.organisation_case, "person_case": world.person_case}
    found |= {"matter": world.matter, "person": world.person, "task": open_task(refused)}
    return found | {"place": place, "branch": branch, "account": officer}


# What is refused of forms of one text that may be long, or that asks for nothing by itself.
REFUSED = {
    "case_acts.refuse": {"reason": ""},
    "desk.follow_up": {"look_on": "某天"},
    "worklist_acts.reassign": {"account": ""},
    "worklist_acts.remind": {"reminder": ""},
}


@pytest.mark.parametrize("endpoint, username, page", FORMS, ids=[each[0] for each in FORMS])
def test_a_refused_form_comes_back_as_it_was_sent(
    refused: Attack, places: dict[str, str], endpoint: str, username: str, page: str
) -> None:
    client = browser(refused, username)
    changed = REFUSED.get(endpoint, {})
    answer, typed = send_refused(client, page.format(**places), endpoint, **changed)
    assert typed
    assert problems_of(answer, typed) == ""
    answer.close()


# Forms that the played world does not show: their pages' own tests send them.
NOT_SHOWN = {
    "audit.hand_out",
    "case_acts.calendar",
    "case_acts.resume",
    "case_acts.stopped",
    "clearance.decide",
    "corrections.save",
    "desk.errand_done",
    "determinations.enter",
    "digests.choose",
    "exports.refuse",
    "filters.rename",
    "home.hold",
    "incidents.close",
    "joint_reports.send",
    "informants.name_reader",
    "informants.note_leak",
    "informants.note_notice",
    "informants.open_entry",
    "interventions.provide",
    "letters.preview",
    "mergers.ask",
    "mergers.decide",
    "mergers.given",
    "migrations.submit",
    "organisation_changes.sign",
    "packs.page",
    "packs.refuse",
    "packs.run",
    "packs.withdraw",
    "recusals.decide",
    "recusals.settle",
    "review_packages.draw",
    "session.log_in",
    "supervisions.begin",
    "supervisions.end",
    "tasks.borrow",
    "tasks.hand_up",
    "tasks.reassign",
    "tasks.refuse_co_sign",
    "tasks.to_section",
    "worklist_acts.release",
    "worklist_acts.take",
}
_FORM = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.DOTALL)
_TYPED = re.compile(
    r"<textarea|\bfields?\(|\binputs\("
    r"|<input(?![^>]*type=\"(?:hidden|checkbox|radio|submit|file|password)\")"
)


def test_every_form_of_the_templates_with_text_is_sent_here_or_named() -> None:
    found = set()
    for template in sorted(TEMPLATES.rglob("*.html")):
        for form in _FORM.findall(template.read_text(encoding="utf-8")):
            if _TYPED.search(form):
                found.update(re.findall(r"(?:action=.|else )[^>]*?'(\w+\.\w+)'", form))
    assert len(found) > 60
    assert found - NOT_SHOWN - {endpoint for endpoint, _, _ in FORMS} == set()
    assert NOT_SHOWN - found - {"home.hold"} == set(), "named and no longer there"


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

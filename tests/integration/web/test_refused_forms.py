"""Each form with text comes back as it was sent, with what is wrong at its fields."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import webapp
from tests.support.attacked import Attack, browser
from tests.support.rare_states import bring_up
from tests.support.refused_forms import (
    RARE,
    problems_of,
    refused_values,
    shown_form,
    typed_in,
)
from tests.support.web import token_in

TEMPLATES = Path(webapp.__file__).parent / "templates"
HERE = Path(__file__).parents[1]

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
    ("audit.hand_out", "shenji", "/audit/log"),
    ("case_acts.calendar", "buzhang", "/cases/{review}"),
    ("case_acts.resume", "buzhang", "/cases/{case}"),
    ("case_acts.stopped", "buzhang", "/cases/{stopped}"),
    ("clearance.decide", "buzhang", "{reply}"),
    ("corrections.save", "chengban", "{correct}"),
    ("determinations.enter", "chengban", "/determinations/matters/{stopped_matter}"),
    ("digests.choose", "chengban", "/account/digest"),
    ("exports.refuse", "buzhang", "/exports/1"),
    ("filters.rename", "chengban", "/worklist/filters/"),
    ("home.hold", "buzhang", "/home"),
    ("incidents.close", "xitong", "/administration/incidents/"),
    ("informants.name_reader", "buzhang", "{informant}"),
    ("informants.note_leak", "buzhang", "{informant}"),
    ("informants.note_notice", "fubuzhang", "{informant}"),
    ("informants.open_entry", "fubuzhang", "{informant}"),
    ("interventions.provide", "shenji", "/interventions/{entry}/open"),
    ("mergers.ask", "chengban", "/matters/{into}/merger"),
    ("mergers.decide", "buzhang", "/matters/{source}/merger"),
    ("mergers.given", "chengban", "/matters/{source}/merger"),
    ("migrations.submit", "shenhe", "{plan}"),
    ("organisation_changes.sign", "chengban", "/organisations/{place}/changes"),
    ("packs.refuse", "buzhang", "{pack}"),
    ("packs.run", "shenhe", "{pack}/backtest"),
    ("packs.withdraw", "shenhe", "{pack}"),
    ("recusals.decide", "buzhang", "/recusals/{waiting_recusal}"),
    ("recusals.settle", "chengban", "/recusals/{recusal}"),
    ("supervisions.begin", "jijian", "/cases/{case}"),
    ("supervisions.end", "jijian", "/cases/{review}"),
    ("tasks.reassign", "buzhang", "{review_task}"),
]

# What is refused of forms of one text that may be long, or that asks for nothing by itself.
REFUSED = {
    "case_acts.refuse": {"reason": ""},
    "desk.follow_up": {"look_on": "某天"},
    "worklist_acts.reassign": {"account": ""},
    "worklist_acts.remind": {"reminder": ""},
}
# Where no text has to be given, or working it out twice takes long.
ONLY_ALL = {"informants.name_reader", "migrations.submit", "packs.run"}
# Its form stands on a page that is opened on record, and is not opened anew.
WITHOUT_FORM = {"interventions.provide"}


@pytest.fixture(scope="module")
def places(refused: Attack) -> dict[str, str]:
    """Give what stands in the addresses of pages."""
    return bring_up(refused)


@pytest.mark.parametrize("endpoint, username, page", FORMS, ids=[each[0] for each in FORMS])
def test_a_refused_form_comes_back_as_it_was_sent(
    refused: Attack, places: dict[str, str], endpoint: str, username: str, page: str
) -> None:
    """Once with one text missing or too long, once with every field of it wrong."""
    is_bare = endpoint in WITHOUT_FORM
    client, address = browser(refused, username), page.format(**places)
    shown = shown_form(client, address, endpoint, opened_by_post=is_bare)
    tried = refused_values(shown)
    if endpoint in ONLY_ALL:
        del tried["one"]
    elif endpoint in REFUSED:
        tried["one"] = shown.filled() | REFUSED[endpoint]
    for what, sent in tried.items():
        answer = shown.send(sent)
        found = problems_of(answer, typed_in(shown, sent))
        answer.close()
        assert found == ("no error at a field: []" if is_bare else ""), what


# Forms of states that take long to be reached: the tests of their pages send what is refused.
SENT_ELSEWHERE = {
    "review_packages.draw": "pages/test_pages_review_packages.py",
    "tasks.borrow": "pages/test_pages_delegations.py",
    "tasks.hand_up": "pages/test_pages_delegations.py",
    "tasks.refuse_co_sign": "pages/test_pages_pairs.py",
}
# Not by their names: reports of which each is sent by itself (pages/test_pages_burden.py),
# previews that only a post opens (test_pages_letters.py, test_pages_calendar.py there), buttons
# of a form that is sent above, the login (below), an errand of a meeting (that page's test), and a
# form that is that of ``tasks.hand_up`` but for another section's people, whom the world has not.
NOT_NAMED = {
    "calendars.change",
    "calendars.submit",
    "desk.errand_done",
    "joint_reports.send",
    "letters.preview",
    "session.log_in",
    "tasks.to_section",
    "worklist_acts.release",
    "worklist_acts.take",
}
_FORM = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.DOTALL)
_TYPED = re.compile(
    r"<textarea|\bfields?\(|\binputs\("
    r"|<input(?![^>]*type=\"(?:hidden|checkbox|radio|submit|file|password)\")"
)


def _texts_sent_to(template: Path) -> set[str]:
    found = set()
    for form in _FORM.findall(template.read_text(encoding="utf-8")):
        if _TYPED.search(form):
            found.update(re.findall(r"(?:action=.|else )[^>]*?'(\w+\.\w+)'", form))
    return found


def test_every_form_of_the_templates_with_text_is_sent_here_or_named(refused: Attack) -> None:
    found: set[str] = set().union(*map(_texts_sent_to, TEMPLATES.rglob("*.html")))
    # A form that goes where its page stands is named by the page.
    found = {"packs.submit" if each == "packs.page" else each for each in found}
    here = {endpoint for endpoint, _, _ in FORMS}
    assert len(found) > 70
    assert found - here - set(SENT_ELSEWHERE) - NOT_NAMED == set()
    assert set(SENT_ELSEWHERE) - found == set(), "named and no longer there"
    for endpoint, file in SENT_ELSEWHERE.items():
        assert f'"{endpoint}"' in (HERE / file).read_text(encoding="utf-8"), endpoint


def test_a_login_of_odd_signs_is_refused_at_its_fields(refused: Attack) -> None:
    client = refused.site.app.test_client()
    sent = {"csrf_token": token_in(client.get("/login")), "username": RARE, "password": ""}
    answer = client.post("/login", data=sent)
    assert problems_of(answer, [RARE]) == ""

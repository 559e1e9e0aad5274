"""Forms of pages, filled in as people fill them in but for what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

# Of extension B, of names, of a phone, of a table, of an attacker.
RARE = "堃喆昇玥镕𠮷🙂=1+1<script>{{7*7}}"
_NO_DAY, _NO_NUMBER, _NO_CHOICE = "某天", "三", "no such choice"
_LONG = 3000


@dataclass(frozen=True, slots=True)
class Shown:
    """A form as a page shows it to somebody, and where it goes."""

    client: FlaskClient
    page: str
    action: str
    form: html.HtmlElement

    @property
    def texts(self) -> list[html.HtmlElement]:
        """Give its fields of free text."""
        return [each for each in self.form.iter("input", "textarea") if _is_text(each)]

    def filled(self) -> dict[str, str]:
        """Give what a browser sends of it, each text filled in with rare signs."""
        sent = dict(_sent(self.form))
        for number, each in enumerate(self.texts):
            sent[each.get("name", "")] = f"{RARE}{number}"
        return sent

    def send(self, sent: dict[str, Any]) -> TestResponse:
        """Send it; a browser says where from."""
        origin = {"Origin": "http://localhost", "Referer": f"http://localhost{self.page}"}
        return self.client.post(self.action, data=sent, headers=origin)


def shown_form(
    client: FlaskClient, page: str, endpoint: str, *, opened_by_post: bool = False
) -> Shown:
    """Open a page and find its form that goes to an endpoint."""
    opened = client.get(page, follow_redirects=True)
    if opened_by_post:
        opened = client.post(page, data={"csrf_token": _token(client)})
    assert opened.status_code == 200, (page, opened.status_code)
    form, action = next(_forms(client.application, opened.text, endpoint, page))
    return Shown(client, page, action, form)


def refused_values(shown: Shown) -> dict[str, dict[str, str]]:
    """Give what is to be refused of a form: one text missing or too long, and all wrong at once."""
    filled = shown.filled()
    return {"one": filled | _one_wrong(shown.texts), "all": filled | all_wrong(shown.form)}


def send_refused(
    client: FlaskClient, page: str, endpoint: str, **changed: str
) -> tuple[TestResponse, list[str]]:
    """Send the form of a page that goes to an endpoint; give the answer and what was typed.

    Without ``changed``, one text is left out where it must be given, and else is too long.
    """
    shown = shown_form(client, page, endpoint)
    sent = shown.filled() | (changed or _one_wrong(shown.texts))
    return shown.send(sent), typed_in(shown, sent)


def typed_in(shown: Shown, sent: dict[str, str]) -> list[str]:
    """Give the texts of what was sent."""
    return [sent[each.get("name", "")] for each in shown.texts]


def problems_with(client: FlaskClient, page: str, endpoint: str, **pressed: str) -> list[str]:
    """Send what is refused of a form of a page; give what its answers lack."""
    shown = shown_form(client, page, endpoint)
    tried = [values | pressed for values in refused_values(shown).values()]
    found = (problems_of(shown.send(values), typed_in(shown, values)) for values in tried)
    return [problem for problem in found if problem]


def _one_wrong(texts: list[html.HtmlElement]) -> dict[str, str]:
    needed = [each for each in texts if each.get("required") is not None]
    if needed and len(texts) > 1:
        return {needed[0].get("name", ""): ""}
    return {each.get("name", ""): too_long(each) for each in texts[:1]}


def too_long(field: html.HtmlElement) -> str:
    """Give one sign more than a field takes."""
    return "𠮷" * (int(field.get("maxlength", _LONG)) + 1)


def all_wrong(form: html.HtmlElement) -> dict[str, str]:
    """Give for each field what it cannot be."""
    found = {}
    for each in form.iter("input", "textarea", "select"):
        name, kind = each.get("name"), each.get("type", "text")
        if not name or kind in ("hidden", "file", "checkbox", "submit", "password"):
            continue
        if each.tag == "select" or kind == "radio":
            found[name] = _NO_CHOICE
        elif kind in ("date", "number"):
            found[name] = _NO_DAY if kind == "date" else _NO_NUMBER
        else:
            found[name] = too_long(each)
    return found


def _forms(
    app: Flask, page: str, endpoint: str, address: str
) -> Iterator[tuple[html.HtmlElement, str]]:
    for form in html.document_fromstring(page).xpath("//form[@method='post']"):
        presses = [each.get("formaction") for each in form.iter("button")]
        for action in filter(None, (form.get("action") or address, *presses)):
            if goes_to(app, action) == endpoint and any(
                _is_typed(each) for each in form.iter("input", "textarea")
            ):
                yield form, action


def goes_to(app: Flask, action: str) -> str:
    """Name what a form that is sent to an address reaches."""
    try:
        found = app.url_map.bind("localhost").match(action.partition("?")[0], method="POST")[0]
    except HTTPException:
        return ""
    return str(found)


def _is_text(field: html.HtmlElement) -> bool:
    is_plain = field.get("type", "text") in ("text", "search", "email")
    return bool(field.get("name")) and (field.tag == "textarea" or is_plain)


def _is_typed(field: html.HtmlElement) -> bool:
    return _is_text(field) or field.get("type") in ("date", "number")


def _token(client: FlaskClient) -> str:
    page = html.document_fromstring(client.get("/account").text)
    return str(page.xpath("//input[@name='csrf_token']/@value")[0])


def _sent(form: html.HtmlElement) -> Iterator[tuple[str, str]]:
    """Give what a browser sends of the other fields: of each choice the first."""
    for each in form.iter("input", "select", "button"):
        name, kind = each.get("name"), each.get("type", "text")
        if not name or kind == "file" or name == "_find":
            continue
        if each.tag == "select":
            options = [option.get("value", "") for option in each.iter("option")]
            yield name, next(filter(None, options), "")
        elif kind == "date":
            yield name, each.get("value") or "2026-11-24"
        else:
            yield name, each.get("value", "on")


def problems_of(answer: TestResponse, typed: list[str]) -> str:
    """Say what a refused form's page lacks; nothing where it has all."""
    if not 400 <= answer.status_code < 500:
        return f"status {answer.status_code} to {answer.headers.get('Location')}"
    lost = [each for each in typed if each not in unescape(answer.text)]
    root = html.document_fromstring(answer.text)
    if lost:
        return f"lost {[each[:60] for each in lost]}"
    if "<script>{{" in answer.text:
        return "not escaped"
    described = [
        each.get("aria-describedby", "").split() for each in root.xpath("//*[@aria-invalid='true']")
    ]
    known: set[Any] = set(root.xpath("//@id"))
    if not described or not all(keys and set(keys) <= known for keys in described):
        return f"no error at a field: {described}"
    return ""

"""Forms of pages, filled in as people fill them in but for one value that is refused."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

# Of extension B, of names, of a phone, of a table, of an attacker.
RARE = "堃喆昇玥镕𠮷🙂=1+1<script>{{7*7}}"


def send_refused(
    client: FlaskClient, page: str, endpoint: str, **changed: str
) -> tuple[TestResponse, list[str]]:
    """Send the form of a page that goes to an endpoint; give the answer and what was typed.

    Without ``changed``, one text is left out where it must be given, and else is too long.
    """
    shown = client.get(page, follow_redirects=True)
    assert shown.status_code == 200, (page, shown.status_code)
    form, action = next(_forms(client.application, shown.text, endpoint, page))
    sent = dict(_sent(form))
    texts = [each for each in form.iter("input", "textarea") if _is_text(each)]
    for number, each in enumerate(texts):
        sent[each.get("name", "")] = f"{RARE}{number}"
    sent |= changed or _wrong(texts)
    # A browser says where a form was sent from.
    origin = {"Origin": "http://localhost", "Referer": f"http://localhost{page}"}
    answer = client.post(action, data=sent, headers=origin)
    return answer, [sent[each.get("name", "")] for each in texts]


def _wrong(texts: list[html.HtmlElement]) -> dict[str, str]:
    needed = [each for each in texts if each.get("required") is not None]
    if needed and len(texts) > 1:
        return {needed[0].get("name", ""): ""}
    return {texts[0].get("name", ""): "𠮷" * (int(texts[0].get("maxlength", 3000)) + 1)}


def _forms(
    app: Flask, page: str, endpoint: str, address: str
) -> Iterator[tuple[html.HtmlElement, str]]:
    adapter = app.url_map.bind("localhost")
    for form in html.document_fromstring(page).xpath("//form[@method='post']"):
        presses = [each.get("formaction") for each in form.iter("button")]
        for action in filter(None, (form.get("action") or address, *presses)):
            try:
                found = adapter.match(action.partition("?")[0], method="POST")[0]
            except HTTPException:
                continue
            if found == endpoint and any(_is_text(each) for each in form.iter("input", "textarea")):
                yield form, action


def _is_text(field: html.HtmlElement) -> bool:
    is_plain = field.get("type", "text") in ("text", "search")
    return bool(field.get("name")) and (field.tag == "textarea" or is_plain)


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

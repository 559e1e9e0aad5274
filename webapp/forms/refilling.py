"""Filling a form of a page with what was sent from it, and saying at its fields what is wrong.

Whatever a form asks of its fields (filled in, so long, a day, one of these) stands in the page
itself; so what was sent is held against the page, and no view lists its fields once more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml import html

from webapp.dates import day, read_day
from webapp.sayings import gettext

_NOT_TYPED = frozenset({"hidden", "submit", "button", "password", "file", "image", "reset"})
_ENDS = ("min", "max")
_TICKED = frozenset({"checkbox", "radio"})
Sent = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Wrong:
    field: html.HtmlElement
    said: str


def refill(
    page: str,
    action: str,
    sent: Sent,
    said: str,
    at: Sequence[str] = (),
    *,
    has_files: bool = False,
) -> str | None:
    """Give a page with its form as it was sent, opened, with what is wrong at its fields.

    Args:
        page: The page with the form.
        action: Where the form was sent to, as it stands in its address.
        sent: What was sent, by field.
        said: Why it was refused.
        at: The fields that this is about; without them those that the page itself finds wrong.
        has_files: Files were sent with it; a browser lets nobody fill them in again.

    Returns:
        Nothing where the page has no such form, or nothing is typed in it.
    """
    root = html.document_fromstring(page)
    form = max(_forms(root, action, sent), key=lambda each: _shared(each, sent), default=None)
    fields = list(_fields(form)) if form is not None else []
    if form is None or not fields:
        return None
    left = {name: list(values) for name, values in sent.items()}
    asked = [each for each in fields if not _was_hidden(each, left)]
    wrong = [found for each in asked if (found := _fill(each, left))]
    wrong += _unticked(asked, sent)
    if not wrong:
        named = {each.get("name"): each for each in reversed(fields)}
        about = list(named) if len(named) == 1 else [name for name in named if name in at]
        wrong = [_Wrong(named[name], said) for name in about]
    for number, each in enumerate(wrong):
        _mark(each, number)
    _unfold(form, [*(each.field for each in wrong), *(each for each in fields if _is_filled(each))])
    form.addprevious(_summary(root, said, wrong, has_files=has_files))
    filled: str = html.tostring(root, encoding="unicode", doctype="<!DOCTYPE html>")
    return filled


def _forms(root: html.HtmlElement, action: str, sent: Sent) -> Iterator[html.HtmlElement]:
    """Find the forms that go to an address and carry what was sent hidden."""
    for form in root.iter("form"):
        goes_to = [form.get("action"), *(each.get("formaction") for each in form.iter("button"))]
        hidden = (each for each in form.iter("input") if each.get("type") == "hidden")
        named = ((each.get("name", ""), each.get("value", "")) for each in hidden)
        if _plain(action) in {_plain(each) for each in goes_to if each} and all(
            value in sent.get(name, ()) for name, value in named if name != "csrf_token"
        ):
            yield form


def _shared(form: html.HtmlElement, sent: Sent) -> int:
    """Count the names that a form shares with what was sent: several may go to one address."""
    return len({each.get("name") for each in form.iter() if each.get("name") in sent})


def _plain(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return unquote(parts.path), parts.query


def _fields(form: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Give the fields that somebody fills in."""
    for each in form.iter("input", "textarea", "select"):
        is_typed = each.tag != "input" or each.get("type", "text") not in _NOT_TYPED
        if each.get("name") and is_typed and each.get("disabled") is None:
            yield each


def _was_hidden(field: html.HtmlElement, left: dict[str, list[str]]) -> bool:
    """Say whether a field did not apply: forms.js hides it then, and it is not sent."""
    may_hide = any(each.get("data-shown-when") for each in field.iterancestors())
    return may_hide and field.get("name") not in left


def _fill(field: html.HtmlElement, left: dict[str, list[str]]) -> _Wrong | None:
    """Put into a field what was sent for it, and say what is wrong with that."""
    values, kind = left.get(field.get("name", ""), []), field.get("type", "text")
    if field.tag == "input" and kind in _TICKED:
        _switch(field, "checked", is_on=field.get("value", "on") in values)
        return None
    if field.tag == "select":
        return _choose(field, values)
    value = values.pop(0) if values else ""
    if field.tag == "textarea":
        # A parser passes over a line's end right after the tag.
        field.text = f"\n{value}"
    else:
        field.set("value", value)
    problem = _problem(field, value.strip())
    return _Wrong(field, problem) if problem else None


def _choose(field: html.HtmlElement, values: list[str]) -> _Wrong | None:
    options = [(each, each.get("value", each.text or "")) for each in field.iter("option")]
    for option, value in options:
        _switch(option, "selected", is_on=value in values)
    chosen = [value for _, value in options if value in values]
    said = _problem_of_choice(values, chosen, is_needed=field.get("required") is not None)
    return _Wrong(field, said) if said else None


def _problem_of_choice(values: Sequence[str], chosen: Sequence[str], *, is_needed: bool) -> str:
    if any(values) and not any(chosen):
        return gettext("选的不在可选的范围内，请重新选择。")
    return gettext("请选择。") if is_needed and not any(chosen) else ""


def _unticked(fields: Sequence[html.HtmlElement], sent: Sent) -> Iterator[_Wrong]:
    """Find what is to be chosen by a tick, one of several, and was not."""
    several = [each for each in fields if each.get("type") == "radio"]
    for name in dict.fromkeys(each.get("name", "") for each in several):
        group = [each for each in several if each.get("name") == name]
        values = sent.get(name, ())
        chosen = [each.get("value", "") for each in group if each.get("value") in values]
        is_needed = any(each.get("required") is not None for each in group)
        if said := _problem_of_choice(values, chosen, is_needed=is_needed):
            yield _Wrong(group[0], said)


def _switch(element: html.HtmlElement, name: str, *, is_on: bool) -> None:
    if is_on:
        element.set(name, "")
    else:
        element.attrib.pop(name, None)


def _problem(field: html.HtmlElement, value: str) -> str:
    """Hold a value against what its field asks for; nothing where it keeps to it."""
    kind, longest = field.get("type", "text"), int(field.get("maxlength", 0))
    if not value:
        return gettext("请填写。") if field.get("required") is not None else ""
    if longest and len(value) > longest:
        return gettext("最多 %(most)s 字，现在有 %(count)s 字。", most=longest, count=len(value))
    if kind == "date":
        return _problem_of_day(field, value)
    if kind == "number" and not _is_within(field, value):
        return gettext("请填写 %(least)s 至 %(most)s 的整数。", **_bounds(field))
    return ""


def _problem_of_day(field: html.HtmlElement, value: str) -> str:
    on, first, last = (read_day(each) for each in (value, *(field.get(n, "") for n in _ENDS)))
    if on is None:
        return gettext("“%(given)s”不是日期。", given=value[:20])
    if first and on < first:
        return gettext("不能早于 %(first)s。", first=day(first))
    return gettext("不能晚于 %(last)s。", last=day(last)) if last and on > last else ""


def _bounds(field: html.HtmlElement) -> dict[str, int]:
    return {"least": int(field.get("min", 0)), "most": int(field.get("max", 2**31 - 1))}


def _is_within(field: html.HtmlElement, value: str) -> bool:
    bounds = _bounds(field)
    digits = value.removeprefix("-")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= 10
    return is_number and bounds["least"] <= int(value) <= bounds["most"]


def _mark(wrong: _Wrong, number: int) -> None:
    """Tie what is wrong to its field, for the eye and for screen readers."""
    field, key = wrong.field, f"refused-{number}"
    if not field.get("id"):
        field.set("id", f"{key}-field")
    field.set("aria-invalid", "true")
    field.set("aria-describedby", f"{field.get('aria-describedby', '')} {key}".strip())
    field.set("class", f"{field.get('class', '')} is-invalid".strip())
    told = html.Element("p", {"class": "invalid-feedback d-block", "id": key})
    told.text = wrong.said
    box = field.getparent()
    if field.get("type") in _TICKED and box is not None:
        box.append(told)  # after its label
        return
    told.tail, field.tail = field.tail, None
    field.addnext(told)


def _is_filled(field: html.HtmlElement) -> bool:
    if field.tag == "input":
        is_on = field.get("checked") is not None
        return is_on if field.get("type") in _TICKED else bool(field.get("value"))
    return bool((field.value or "").strip())


def _unfold(form: html.HtmlElement, fields: Sequence[html.HtmlElement]) -> None:
    for each in (form, *fields):
        for folded in each.iterancestors("details"):
            folded.set("open", "")


def _summary(
    root: html.HtmlElement, said: str, wrong: Sequence[_Wrong], *, has_files: bool
) -> html.HtmlElement:
    """Say above the form why it was refused, leading to each field that is wrong."""
    box = html.Element("div", {"class": "alert alert-danger", "role": "alert"})
    box.attrib.update({"tabindex": "-1", "data-focus": ""})
    lines = [said, gettext("没有写入；填写的内容都在下面，请改正后再提交。")]
    if has_files:
        lines.append(gettext("附件须重新选择。"))
    html.etree.SubElement(box, "p", {"class": "mb-1"}).text = " ".join(lines)
    listed = html.Element("ul", {"class": "mb-0"})
    for each in wrong:
        item = html.etree.SubElement(listed, "li")
        link = html.etree.SubElement(item, "a", {"href": f"#{each.field.get('id')}"})
        link.text = _named(root, each.field) + gettext("：") + each.said
    if wrong:
        box.append(listed)
    return box


def _named(root: html.HtmlElement, field: html.HtmlElement) -> str:
    """Give what a page calls a field."""
    for label in root.iter("label"):
        if label.get("for") == field.get("id"):
            return " ".join(label.text_content().split()).rstrip("*:：")
    return field.get("aria-label") or field.get("placeholder") or ""

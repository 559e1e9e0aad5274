"""The forms of a case's page: filled in with what is known, errors at the field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from webapp.forms.day_field import DayField
from webapp.forms.packs import FormTexts, PackForm, pack_form
from webapp.gates.secrets import read_text
from webapp.languages import language
from webapp.work import Work, note_look
from workflows.domain.steps import FactValue
from workflows.engine import Pack
from workflows.engine.facts import names_for_expressions
from workflows.engine.forms import WRITTEN_PICKERS, FieldKind, FormField, FormSchema
from workflows.engine.offered import closed_choices
from workflows.queries.organisations.finding import (
    Found,
    likely_people,
    organisations_found,
    people_like,
)
from workflows.services.casework import PaperAct
from workflows.services.secrecy.looking import Looked
from workflows.services.steps.attachments import Upload
from workflows.services.steps.attribution import FROM_ON, UNTIL_ON, offered_texts

Options = list[tuple[str, str]]
FIND = "_find"
_JUDGED = frozenset(
    {FieldKind.RADIO, FieldKind.CHECKLIST, FieldKind.CHECKBOX, FieldKind.FILEPICKER}
)
_PLANNED = "planned"


class PaperForm(FlaskForm):
    """Who acted, on which day, by which paper."""

    class Meta:
        """The form around it carries the token."""

        csrf = False

    performed_by = SelectField(_l("谁办的"), validate_choice=False)
    acted_on = DayField(_l("办理日期"), [InputRequired(_l("请填写纸质件上的日期。"))])
    document = StringField(
        _l("纸质件文号或名称"),
        [Length(max=200)],
        description=_l("上传了扫描件的，可以不填。"),
    )
    scan = FileField(_l("扫描件"))
    scan_follows = BooleanField(_l("原件待补：扫描件五个工作日内补交"))

    def act(self) -> PaperAct:
        """Give the act on paper that was filled in."""
        return PaperAct(
            performed_by=self.performed_by.data or "",
            acted_on=self.acted_on.data,
            document=self.document_name(),
            scan_follows=bool(self.scan_follows.data),
        )

    def document_name(self) -> str:
        """Give what the paper is known by: its number, else the name of its scan."""
        typed = (self.document.data or "").strip()
        return typed or (str(self.scan.data.filename) if self.scan.data else "")


def paper_form(
    work: Work, org_path: str, chosen: str | None, people: tuple[Found, ...]
) -> PaperForm:
    """Make the part of a form that says whose paper is entered."""
    form = PaperForm(prefix="_paper_", acted_on=work.today, performed_by=chosen)
    found = _searched(work, "_paper_performed_by", org_path)
    offered = {each.id: each.label for each in (*found, *people)}
    form.performed_by.choices = [("", "—"), *offered.items()]
    return form


def case_form(
    work: Work,
    pack: Pack,
    form_name: str,
    *,
    org_path: str,
    facts: Mapping[str, FactValue],
    draft: Mapping[str, Any] | None = None,
    is_first: bool = True,
    person_id: str | None = None,
    prefix: str = "",
) -> PackForm:
    """Make a form of a pack for a page, filled in with what is known already.

    Args:
        work: The request's transaction.
        pack: The pack of the case.
        form_name: The form.
        org_path: The place whose people pickers offer.
        facts: What is known of the case.
        draft: What was typed before; it goes before everything known.
        is_first: Whether the task is entered for the first time: later, what it wrote
            before is no longer offered as known.
        person_id: The person concerned, of whose posts and duties pickers offer.
        prefix: Goes before the names of its fields, where a page has several forms.
    """
    schema = pack.forms[form_name]
    known = names_for_expressions(pack.facts, facts, pack.constants)
    start = known_values(schema, facts, work.today, is_first=is_first) | dict(draft or {})
    closed = closed_choices(pack, schema, facts)
    pickers = _pickers(work, schema, org_path, start) | _register(work, schema, person_id)
    start = {key: pickers[key][0][0] for key in _only(pickers, schema)} | start
    texts = FormTexts.of(pack, language(), pickers, closed)
    return pack_form(schema, texts, known=known, draft=start, prefix=prefix)


def facts_form(
    work: Work,
    pack: Pack,
    schema: FormSchema,
    *,
    org_path: str,
    facts: Mapping[str, FactValue],
) -> PackForm:
    """Make a form of some facts, filled in with what they are, as whoever typed them would."""
    start = {
        each.key: value if isinstance(value, list) or each.fact is None else each.fact.show(value)
        for each in schema.fields
        if (value := facts.get(each.key)) is not None
    }
    texts = FormTexts.of(pack, language(), _pickers(work, schema, org_path, start))
    known = names_for_expressions(pack.facts, facts, pack.constants)
    return pack_form(schema, texts, known=known, draft=start)


def known_values(
    schema: FormSchema, facts: Mapping[str, FactValue], today: date, *, is_first: bool
) -> dict[str, Any]:
    """Give what a form starts with: facts that are known, and today for days that have come.

    A judgement is never filled in, and neither is a day that lies ahead (its key says
    ``planned``) or on which the facts of an inquiry began or ended.
    """
    values: dict[str, Any] = {}
    for each in schema.fields:
        if not each.is_input:
            continue
        value = _known(each, facts, is_first=is_first)
        if value is None and each.kind is FieldKind.DATE and not _is_another_day(each):
            value = today.isoformat()
        if value is not None:
            values[each.key] = value
    return values


def _is_another_day(each: FormField) -> bool:
    return _PLANNED in each.key or each.key in (FROM_ON, UNTIL_ON)


def _known(each: FormField, facts: Mapping[str, FactValue], *, is_first: bool) -> FactValue:
    if each.prefill:
        return facts.get(each.prefill)
    if is_first and each.fact and each.kind not in _JUDGED and each.kind is not FieldKind.DATE:
        return facts.get(each.key)
    return None


def _pickers(
    work: Work, schema: FormSchema, org_path: str, values: Mapping[str, Any]
) -> dict[str, Options]:
    wanted = [each for each in schema.fields if each.picker not in (None, *WRITTEN_PICKERS)]
    if not wanted:
        return {}
    chosen = {str(values[each.key]) for each in wanted if values.get(each.key)}
    chosen |= {request.form[each.key] for each in wanted if request.form.get(each.key)}
    people = likely_people(work.session, org_path, work.today, sorted(chosen))
    pickers: dict[str, Options] = {}
    for each in wanted:
        if each.picker == "organisation":
            text = request.form.get(f"{FIND}_{each.key}", "")
            places = organisations_found(work.session, text, ("",))
            pickers[each.key] = [(place.id, f"{place.name} {place.code}") for place in places]
        else:
            found = _searched(work, each.key, org_path)
            pickers[each.key] = list({one.id: one.label for one in (*found, *people)}.items())
    return pickers


def _register(work: Work, schema: FormSchema, person_id: str | None) -> dict[str, Options]:
    """Offer the posts and the listed duties of the person concerned, as they read."""
    wanted = [each for each in schema.fields if each.picker in WRITTEN_PICKERS]
    if not wanted or person_id is None:
        return {}
    texts = offered_texts(work.session, person_id)
    return {each.key: [(text, text) for text in texts[str(each.picker)]] for each in wanted}


def _only(pickers: Mapping[str, Options], schema: FormSchema) -> Iterator[str]:
    """Give the fields for which the register offers one thing alone; that is filled in."""
    for each in schema.fields:
        if each.picker in WRITTEN_PICKERS and len(pickers.get(each.key, ())) == 1:
            yield each.key


def _searched(work: Work, key: str, org_path: str) -> tuple[Found, ...]:
    text = request.form.get(f"{FIND}_{key}", "")[:40]
    if not text.strip():
        return ()
    note_look(Looked.PEOPLE, detail=text)
    return people_like(work.session, text, org_path, work.today)


def is_search() -> bool:
    """Say whether the form came in only to look somebody up."""
    return FIND in request.form


def uploads_of(form: PackForm | None, paper: PaperForm | None = None) -> list[Upload]:
    """Read the files that came with a form."""
    files = [file for several in (form.uploads() if form else {}).values() for file in several]
    if paper is not None and paper.scan.data:
        files.append(paper.scan.data)
    return [Upload(str(file.filename), file.read(), read_text(file.filename)) for file in files]

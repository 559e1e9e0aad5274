"""Reports that one body owes within the same days, filled in on one page and sent together.

What holds for all is typed once; each report is an act, a record and a result of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import request, url_for

from webapp.case.cards import TaskCard
from webapp.case.forms import PaperForm, case_form, paper_form, uploads_of
from webapp.case.screen import Screen
from webapp.dates import left
from webapp.forms.packs import PackForm
from webapp.gates.secrets import read_text
from webapp.languages import language
from webapp.work import Work
from workflows.engine import Pack
from workflows.engine.forms import FieldKind, FormField, FormSchema
from workflows.queries.desk.joint_reports import DueReport, due_together
from workflows.queries.organisations.finding import likely_people
from workflows.services.desk.drafts import draft_of
from workflows.services.steps.attachments import Upload
from workflows.store.tables import Organisation

COMMON = "common-"
_SEVERAL = 2
FILES = "files"


@dataclass(slots=True)
class JointRow:
    """One report on the page: whose case, by when, and its form where the visitor may fill it."""

    choice: str
    number: str
    url: str
    problem: str
    name: str
    labels: Mapping[str, str]
    due_on: date | None
    left: str
    schema: FormSchema | None
    form: PackForm | None
    is_ticked: bool
    why_not: str = ""

    @property
    def prefix(self) -> str:
        """Give what goes before the names of its fields."""
        return prefix_of(self.choice)


@dataclass(slots=True)
class Joint:
    """The page: the body, its reports, what is typed once, and whose paper it is if any."""

    office: Organisation
    rows: tuple[JointRow, ...]
    common: tuple[FormField, ...]
    paper: PaperForm | None
    typed: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def labels(self) -> Mapping[str, str]:
        """Give what the fields that all have in common are called."""
        return self.rows[0].labels if self.rows else {}

    def blanks(self, row: JointRow) -> list[tuple[str, bool]]:
        """Give the fields to be filled in by hand for one report, and whether they are long."""
        shared = {each.key for each in self.common}
        return [
            (row.labels[each.key], each.kind is FieldKind.TEXTAREA)
            for each in (row.schema.fields if row.schema else ())
            if each.is_input and each.key not in shared
        ]

    @property
    def may_fill(self) -> bool:
        """Say whether the visitor may fill in any of them."""
        return any(row.form is not None for row in self.rows)


def prefix_of(choice: str) -> str:
    """Give what goes before the names of a report's fields: it stays when others are done."""
    return f"t{hashlib.sha256(choice.encode()).hexdigest()[:10]}-"


def joint_of(work: Work, office: Organisation) -> Joint:
    """Read what a body owes within the same days, with the forms that the visitor may fill in."""
    found = due_together(work.session, [office], work.today).get(office.id)
    reports = found.reports if found else ()
    cards = list(_cards(work, reports))
    on_paper = not any(card.may_do for _, _, card in cards)
    rows = tuple(_row(work, *each, on_paper=on_paper) for each in cards)
    may_fill = any(row.form for row in rows)
    return Joint(
        office=office,
        rows=rows,
        common=_common(rows),
        paper=_paper(work, office) if on_paper and may_fill else None,
        typed={key: value for key, value in request.form.items() if key.startswith(COMMON)},
    )


def _cards(
    work: Work, reports: Sequence[DueReport]
) -> Iterator[tuple[DueReport, Screen, TaskCard]]:
    for report in reports:
        screen = Screen.unnoted(work, report.task.case_id)
        card = screen.card(report.task.path, report.task.n)
        if card is not None:
            yield report, screen, card


def _row(
    work: Work, report: DueReport, screen: Screen, card: TaskCard, *, on_paper: bool
) -> JointRow:
    may = card.may_paper if on_paper else card.may_do
    activity = screen.page.definition.activity(report.task.path)
    pack = screen.page.definition.pack
    draft = draft_of(work.session, work.actor.account_id, report.task.case_id, report.place)
    form = None
    if may and activity.form is not None:
        form = case_form(
            work,
            pack,
            activity.form,
            org_path=screen.page.case.org_path,
            facts=screen.page.facts,
            draft=draft[0] if draft else None,
            is_first=report.task.n == 1,
            prefix=prefix_of(report.choice),
        )
    ticked = request.form.getlist("task")
    return JointRow(
        choice=report.choice,
        number=report.case_number,
        url=url_for("cases.page", case_id=report.task.case_id),
        problem=screen.speak.value("problem_type", report.problem_type),
        name=card.name,
        labels=_labels(pack, activity.form),
        due_on=report.task.due_on,
        left=left(report.task.due_on, work.today),
        schema=pack.forms.get(activity.form or ""),
        form=form,
        is_ticked=report.choice in ticked if request.method == "POST" else True,
        why_not="" if may else card.refusal or card.held,
    )


def _labels(pack: Pack, form: str | None) -> dict[str, str]:
    schema = pack.forms.get(form or "")
    fields = schema.fields if schema else ()
    return {each.key: pack.name(f"form.{form}", each.key, language()) for each in fields}


def _common(rows: Sequence[JointRow]) -> tuple[FormField, ...]:
    """Give the long texts that every form has and none demands: they may hold for all."""
    schemas = [row.schema for row in rows if row.schema is not None]
    if len(schemas) < _SEVERAL:
        return ()
    shared = set.intersection(*({each.key for each in schema.fields} for schema in schemas))
    return tuple(
        each
        for each in schemas[0].fields
        if each.key in shared and each.kind is FieldKind.TEXTAREA and not each.is_required
    )


def _paper(work: Work, office: Organisation) -> PaperForm:
    people = likely_people(work.session, office.path, work.today)
    of_office = [each.id for each in people if each.about.startswith(office.name)]
    chosen = of_office[0] if len(of_office) == 1 else None
    return paper_form(work, office.path, chosen, people)


def typed_values(joint: Joint) -> dict[str, dict[str, Any]]:
    """Read what came in for each ticked report: its own words, else those for all.

    A report that was done meanwhile is among them with what was typed for it.
    """
    rows = {row.choice: row for row in joint.rows}
    return {
        choice: _typed(rows.get(choice), choice)
        for choice in dict.fromkeys(request.form.getlist("task"))
    }


def _typed(row: JointRow | None, choice: str) -> dict[str, Any]:
    if row is None or row.form is None:
        prefix = prefix_of(choice)
        return {
            key.removeprefix(prefix): value
            for key, value in request.form.items()
            if key.startswith(prefix)
        }
    values: dict[str, Any] = dict(row.form.typed())
    fields = row.schema.fields if row.schema else ()
    for each in fields:
        shared = request.form.get(COMMON + each.key, "").strip()
        if shared and each.is_input and not str(values.get(each.key) or "").strip():
            values[each.key] = shared
    return values


def sent_files(joint: Joint) -> list[Upload]:
    """Read the files that go with every report: the scan of the paper, or what was attached."""
    return uploads_of(None, joint.paper) if joint.paper else list(_attached())


def _attached() -> Iterator[Upload]:
    for each in request.files.getlist(FILES):
        if each.filename:
            yield Upload(str(each.filename), each.read(), read_text(each.filename))

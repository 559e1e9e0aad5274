"""Importing a ledger of matters as officers keep it in Excel."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.errors import Conflict, NotFound
from workflows.domain.roles import Actor, Role
from workflows.engine import Pack
from workflows.services.access import load_actor, scope_for
from workflows.services.casework import open_matter
from workflows.services.imports.organisation_names import Directory, Found, load_directory
from workflows.services.imports.plan import Plan, Source
from workflows.services.imports.problems import Problem
from workflows.services.imports.tables import Entry, Headers, Table, find_table_among
from workflows.services.packs import current_pack
from workflows.store.tables import Account, Matter, MatterImport

HEADERS: Headers = {
    "number": ("序号", "no"),
    "matter": ("事项编号", "督办编号"),
    "organisation": ("嘎查村/党组织", "嘎查村", "党组织", "党组织名称", "单位", "所在党组织"),
    "problem_type": ("问题类型", "类型", "问题类别"),
    "description": ("问题表述", "问题描述", "存在问题", "主要问题", "问题内容"),
    "source": ("来源", "问题来源", "发现渠道"),
    "found_on": ("发现时间", "发现日期", "时间"),
    "minutes": ("认定文号", "认定会议纪要号", "会议纪要号", "纪要号"),
}
REQUIRED = ("organisation", "problem_type", "description", "source", "found_on")
DESCRIPTION_LIMIT = 2_000
_OPENERS = (Role.INTAKE, Role.HANDLER)


class ImportedAlready(Conflict):
    """This file was imported on {imported_at} as {file_name}: import only what is new."""

    code: ClassVar[str] = "imported_already"


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row that can be registered; `values` are those of the intake form."""

    line: int
    organisation: Found
    values: Mapping[str, Any]
    minutes: str | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger that was read: what can be registered, and what is wrong with the rest."""

    file_name: str
    sha256: str
    table: Table
    rows: tuple[LedgerRow, ...]
    problems: tuple[Problem, ...]
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class MattersImported:
    """The numbers of the matters that an import registered, and how many rows it left out."""

    matters: tuple[str, ...]
    determined: int
    left_out: int


def read_ledger(session: Session, actor: Actor, now: datetime, file: Path) -> Ledger:
    """Read a ledger and say row by row what would happen; writes nothing.

    Raises:
        FileRefused: The file as a whole cannot be read.
        ImportedAlready: The very same file was imported before.
    """
    return ledger_of(session, actor, now, Source.read(file))


def ledger_of(session: Session, actor: Actor, now: datetime, source: Source) -> Ledger:
    """Say row by row what would happen to a ledger that was read; see `read_ledger`.

    A row with the number of a matter (事项编号) that is known here is registered already.
    """
    before = session.get(MatterImport, source.sha256)
    if before is not None:
        raise ImportedAlready(
            imported_at=local_date(before.imported_at), file_name=before.file_name
        )
    table = find_table_among(source.path, source.sheets, HEADERS, REQUIRED)
    reader = _Reader(session, actor, local_date(now))
    rows: list[LedgerRow] = []
    problems: list[Problem] = []
    for entry in table.entries():
        row = reader.row(entry)
        problems.extend(entry.problems)
        if row is not None and not entry.problems:
            rows.append(row)
    unchanged = reader.unchanged
    return Ledger(source.file_name, source.sha256, table, tuple(rows), tuple(problems), unchanged)


def plan_matters(session: Session, actor: Actor, now: datetime, source: Source) -> Plan:
    """Say what a ledger would register; see `ledger_of`."""
    ledger = ledger_of(session, actor, now, source)

    def apply() -> None:
        import_ledger(session, actor, now, ledger)

    tables, new = (ledger.table,), len(ledger.rows)
    return Plan(tables, new, 0, ledger.unchanged, ledger.problems, apply)


def import_ledger(session: Session, actor: Actor, now: datetime, ledger: Ledger) -> MattersImported:
    """Register every row of a ledger that can be registered.

    A row with the number of its minutes is determined by them; any other stays reported.
    """
    numbers = []
    for row in ledger.rows:
        opened = open_matter(
            session,
            actor,
            now,
            organisation_id=row.organisation.id,
            values=row.values,
            determined_minutes=row.minutes,
        )
        numbers.append(opened.matter_number)
    left_out = len({problem.line for problem in ledger.problems})
    done = MattersImported(
        tuple(numbers), sum(row.minutes is not None for row in ledger.rows), left_out
    )
    session.add(
        MatterImport(
            sha256=ledger.sha256,
            file_name=ledger.file_name[:200],
            imported_at=now,
            imported_by=actor.account_id,
            counts={"matters": len(numbers), "left_out": left_out},
        )
    )
    session.flush()
    return done


def registrar(session: Session, username: str, today: date) -> Actor:
    """Give the officer in whose name a ledger is registered.

    Raises:
        NotFound: Nobody has this username, or the account is closed.
    """
    account_id = session.scalar(select(Account.id).where(Account.username == username))
    if account_id is None:
        raise NotFound(what="account", key=username)
    return load_actor(session, account_id, today)


class _Reader:
    """Reads rows against the tree, the pack and what is registered already."""

    def __init__(self, session: Session, actor: Actor, today: date) -> None:
        """Load what every row is compared with."""
        self.actor = actor
        self.today = today
        self.pack: Pack = current_pack(session, today)
        self.directory: Directory = load_directory(session, scope_for(actor).paths)
        self.types = _choices(self.pack, "problem_type")
        self.sources = _choices(self.pack, "source")
        self.unchanged = 0
        self.seen: dict[tuple[str, str, str, str], int] = {}
        self.registered = {
            (row.organisation_id, row.problem_type, row.found_on.isoformat(), row.summary): (
                row.number
            )
            for row in session.execute(
                select(
                    Matter.organisation_id,
                    Matter.problem_type,
                    Matter.found_on,
                    Matter.summary,
                    Matter.number,
                )
            )
        }
        self.numbers = {
            number: (problem_type, found_on, summary)
            for (_, problem_type, found_on, summary), number in self.registered.items()
        }

    def row(self, entry: Entry) -> LedgerRow | None:
        """Read one row; what is wrong gathers in the entry."""
        if entry.text("matter") in self.numbers:
            self._compare(entry, entry.text("matter"))
            return None
        organisation = self._organisation(entry)
        values = {
            "problem_type": self._choice(entry, "problem_type", self.types),
            "source": self._choice(entry, "source", self.sources),
            "found_on": self._found_on(entry),
            "description": entry.text("description", required=True, limit=DESCRIPTION_LIMIT),
            "disposition": "procedure",
        }
        minutes = entry.text("minutes", limit=80) or None
        if organisation is None or entry.problems:
            return None
        self._refuse_repeated(entry, organisation, values)
        self._refuse_form_errors(entry, values)
        return LedgerRow(entry.line, organisation, values, minutes)

    def _compare(self, entry: Entry, number: str) -> None:
        """Hold a row against the matter that it names: an import changes none."""
        told = (
            self._choice(entry, "problem_type", self.types),
            self._found_on(entry),
            entry.text("description", limit=DESCRIPTION_LIMIT),
        )
        if told != self.numbers[number]:
            entry.wrong("matter_differs", number=number)
        elif not entry.problems:
            self.unchanged += 1

    def _organisation(self, entry: Entry) -> Found | None:
        text = entry.text("organisation", required=True)
        found = self.directory.find(entry, text) if text else None
        if found is None:
            return None
        branch = self.directory.branch_of(found)
        if branch is None:
            entry.wrong("no_branch", "organisation", value=text)
        elif self.actor.holds(_OPENERS, branch.path) is None:
            entry.wrong("outside_office", "organisation", value=text)
        return branch

    def _choice(self, entry: Entry, name: str, choices: Mapping[str, str]) -> str:
        text = entry.text(name, required=True)
        code = choices.get(_bare(text), "")
        if text and not code:
            labels = self.pack.facts[name].choices.values()
            known = "、".join(labels) if name == "source" else ""
            entry.wrong(f"unknown_{name}", name, value=text[:40], known=known)
        return code

    def _found_on(self, entry: Entry) -> str:
        found_on = entry.date("found_on", required=True, past_of=self.today)
        if found_on is not None and found_on > self.today:
            title = entry.table.titles["found_on"]
            entry.wrong("date_in_future", "found_on", column=title, value=found_on)
        return found_on.isoformat() if found_on else ""

    def _refuse_repeated(
        self, entry: Entry, organisation: Found, values: Mapping[str, str]
    ) -> None:
        key = (
            organisation.id,
            values["problem_type"],
            values["found_on"],
            values["description"],
        )
        if key in self.seen:
            entry.wrong("same_row", other=self.seen[key])
        if key in self.registered:
            entry.wrong("registered_already", number=self.registered[key])
        self.seen.setdefault(key, entry.line)

    def _refuse_form_errors(self, entry: Entry, values: Mapping[str, str]) -> None:
        """Hold the row against the form itself, which a later pack may make stricter."""
        form = self.pack.processes[self.pack.entry].start_form
        if form is None:
            return
        known = dict.fromkeys(self.pack.facts) | dict(self.pack.constants)
        for field, code in self.pack.forms[form].read(values, known).errors.items():
            entry.wrong("refused_by_form", field=field, rule=code)


def _choices(pack: Pack, fact: str) -> dict[str, str]:
    """Map what officers may write to codes: P101, 101, the label, 101 with the label."""
    words: dict[str, str] = {}
    for code, label in pack.facts[fact].choices.items():
        number = code.removeprefix("P")
        for text in (code, number, label, f"{code}{label}", f"{number}{label}"):
            words[_bare(text)] = code
    return words


def _bare(text: str) -> str:
    # CSV from a cell of figures with decimals holds 101.00.
    plain = re.sub(r"(?<=\d)\.0+$", "", text.strip().lower())
    return "".join(character for character in plain if character.isalnum())

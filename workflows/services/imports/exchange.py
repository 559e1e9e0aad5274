"""Round trips of tables: a template, what a table would change, the same table taken out again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import BinaryIO

from sqlalchemy.orm import Session

from workflows.domain.errors import NotFound
from workflows.domain.ids import new_id
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor, Role
from workflows.domain.subjects import known_categories
from workflows.services.access import SYSTEM, RoleMissing
from workflows.services.imports.matters import HEADERS as MATTER_HEADERS
from workflows.services.imports.matters import plan_matters
from workflows.services.imports.people import (
    DUTY_HEADERS,
    DUTY_SHEET,
    TENURE_HEADERS,
    TENURE_SHEET,
    plan_people,
)
from workflows.services.imports.people_out import duty_rows, tenure_rows
from workflows.services.imports.plan import Plan, Source
from workflows.services.imports.sheets_out import TableOut, write_tables
from workflows.services.imports.tables import Headers, text_of
from workflows.services.imports.unit_tables import UNIT_HEADERS, plan_units, unit_rows
from workflows.services.journal import append_house
from workflows.store.tables import ImportDraft

KEPT_FOR = timedelta(days=1)
_ABOUT = "填写说明"


class TableKind(StrEnum):
    """Which table somebody brings in or takes out."""

    UNITS = "units"
    PEOPLE = "people"
    MATTERS = "matters"


@dataclass(frozen=True, slots=True)
class _Exchange:
    """How a table comes in and goes out; without ``rows`` another page takes it out.

    ``sheets`` are the name and headings of each sheet, ``about`` what its columns want.
    """

    plan: Callable[[Session, Actor, datetime, Source], Plan]
    sheets: Mapping[str, Headers]
    rows: Sequence[Callable[[Session], object]]
    about: Mapping[str, str]
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class TableWritten:
    """What its record says of a table that is taken out."""

    kind: TableKind
    rows: int
    sha256: str


_EXCHANGES: Mapping[TableKind, _Exchange] = {
    TableKind.UNITS: _Exchange(
        plan_units,
        {"单位": UNIT_HEADERS},
        (unit_rows,),
        {
            "单位代码": "字母、数字、- 和 _，至多 38 个；不能改",
            "名称": "至多 100 个字；改这里就是更名",
            "上级代码": "只有第 1 级可以不填；不能改，撤并、划转另行办理",
            "级别": "1 自治区 2 盟市 3 旗县 4 苏木乡镇 5 嘎查村、社区",
        },
        (Role.SYSTEM_ADMIN,),
    ),
    TableKind.PEOPLE: _Exchange(
        plan_people,
        {TENURE_SHEET: TENURE_HEADERS, DUTY_SHEET: DUTY_HEADERS},
        (tenure_rows, duty_rows),
        {
            "人员编号": "同名的必须填；同一人兼任的，各行填同一编号",
            "所在组织": "全称；有同名单位的，请填组织代码",
            "任职起、任职止": "如 2026-03-10；任职止不填表示在任",
            "对象类别": known_categories(),
            "依据": "责任清单中职责的依据",
        },
        (Role.SYSTEM_ADMIN,),
    ),
    TableKind.MATTERS: _Exchange(
        plan_matters,
        {"事项": MATTER_HEADERS},
        (),
        {
            "事项编号": "新登记的不填；导出台账中已有编号的行不会重复登记",
            "嘎查村/党组织": "全称或者代码",
            "问题类型": "代码或者名称，如 101",
            "发现时间": "如 2026-03-10，不晚于今天",
            "认定文号": "已经认定的填会议纪要号，其余为反映",
        },
        (Role.INTAKE, Role.HANDLER),
    ),
}


def require_exchange(actor: Actor, kind: TableKind) -> None:
    """Refuse whoever may neither bring in nor take out a table; the command line may.

    Raises:
        RoleMissing: He holds none of its roles.
    """
    roles = _EXCHANGES[kind].roles
    if actor != SYSTEM["init"] and not any(grant.role in roles for grant in actor.grants):
        raise RoleMissing(roles=", ".join(role.value for role in roles), office=kind.value)


def is_exported(kind: TableKind) -> bool:
    """Say whether a table is taken out here; matters are by their ledger."""
    return bool(_EXCHANGES[kind].rows)


def write_template(target: BinaryIO, kind: TableKind, format_: str) -> None:
    """Write an empty table; a workbook says on its last sheet what the columns want."""
    exchange = _EXCHANGES[kind]
    tables = [TableOut(name, _headings(of), ()) for name, of in exchange.sheets.items()]
    if format_ != "csv":
        tables.append(TableOut(_ABOUT, ("列", "怎样填"), tuple(exchange.about.items())))
    write_tables(target, format_, tables)


def write_export(session: Session, target: BinaryIO, kind: TableKind, format_: str) -> TableWritten:
    """Write a table as it stands, in the columns in which it is read.

    Hand the bytes on only after `record_export` was committed.
    """
    exchange = _EXCHANGES[kind]
    tables = [
        TableOut(name, _headings(of), rows(session))  # type: ignore[arg-type]
        for (name, of), rows in zip(exchange.sheets.items(), exchange.rows, strict=True)
    ]
    rows_written = write_tables(target, format_, tables)
    target.seek(0)
    return TableWritten(kind, rows_written, hashlib.sha256(target.read()).hexdigest())


def record_export(session: Session, actor: Actor, now: datetime, written: TableWritten) -> None:
    """Write the house record of a table that is taken out."""
    form: dict[str, JsonValue] = {"rows": written.rows, "sha256": written.sha256}
    append_house(session, actor, now, "table_exported", written.kind.value, form=form)


def plan(session: Session, actor: Actor, now: datetime, kind: TableKind, source: Source) -> Plan:
    """Say what a table would change.

    Raises:
        RoleMissing: It is not this actor's to bring in.
        FileRefused: It is no such table.
        ImportedAlready: The same ledger was applied before.
    """
    require_exchange(actor, kind)
    return _EXCHANGES[kind].plan(session, actor, now, source)


def unread_sheets(source: Source, found: Plan) -> tuple[str, ...]:
    """Name the sheets that hold something and were not read."""
    read = {_ABOUT, *(table.sheet.name for table in found.tables)}
    return tuple(
        sheet.name
        for sheet in source.sheets
        if sheet.name not in read and any(any(map(text_of, row)) for row in sheet.rows)
    )


def keep_draft(
    session: Session, actor: Actor, now: datetime, kind: TableKind, source: Source
) -> str:
    """Keep a table until it is applied or a day is over; give the id by which it is found."""
    require_exchange(actor, kind)
    draft = ImportDraft(
        id=new_id("x"),
        account_id=actor.account_id,
        kind=kind.value,
        file_name=source.file_name[:200],
        sha256=source.sha256,
        sheets=source.to_json(),
        made_at=now,
    )
    session.add(draft)
    session.flush()
    return draft.id


def draft_of(session: Session, actor: Actor, now: datetime, kind: TableKind, key: str) -> Source:
    """Give a table that somebody keeps.

    Raises:
        NotFound: There is none, it is somebody else's, of another kind, applied, or over a day old.
    """
    draft = session.get(ImportDraft, key)
    is_his = draft is not None and draft.account_id == actor.account_id and draft.kind == kind
    if draft is None or not is_his or draft.applied_at or draft.made_at < now - KEPT_FOR:
        raise NotFound(what="import", key=key)
    return Source.from_json(draft.file_name, draft.sha256, draft.sheets)


def _headings(headers: Headers) -> tuple[str, ...]:
    return tuple(words[0] for words in headers.values())

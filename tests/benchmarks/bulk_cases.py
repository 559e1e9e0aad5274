"""Very many cases in little time: one real case, copied with ids, chains and seals of its own.

Nothing is random but ids and salts; case number k stands at branch k modulo the branches,
and its clocks run k modulo 60 days later than those of the case it was copied from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests.support.casework import World
from workflows.audit.canonical import canonical, sha256_hex
from workflows.audit.commitment import seal_payload
from workflows.domain.ids import new_id
from workflows.domain.organisations import child_path
from workflows.domain.records import ZERO_HASH
from workflows.services.vault import key_for, read_payload, vault_of
from workflows.store.base import Base, table_of
from workflows.store.bulk import insert_rows
from workflows.store.journal import read_stream
from workflows.store.tables import (
    Case,
    CaseFact,
    Clock,
    JournalPayload,
    JournalRecord,
    Matter,
    Organisation,
    Task,
)
from workflows.store.transaction import Session

BRANCHES = 200
BATCH = 2_000
SPREAD_DAYS = 60
_LINKS = ("prev", "commitment")
_ROWS: tuple[type[Base], ...] = (Case, Task, Clock, CaseFact)


@dataclass(frozen=True, slots=True)
class _Model:
    """A real case with all its rows, as JSON and mappings."""

    case_id: str
    matter: dict[str, Any]
    rows: dict[type[Base], list[dict[str, Any]]]
    records: list[tuple[dict[str, Any], str, str]]


def copy_cases(world: World, case_id: str, count: int, *, spread: bool = False) -> list[str]:
    """Copy a case so many times, and give the ids of the copies.

    With ``spread`` the copies' due dates differ; without it all are due at once.
    """
    with world.transaction() as session:
        model = _read(session, case_id)
        branches = _make_branches(world, session, case_id[-6:], min(BRANCHES, count))
    ids = [new_id("c") for _ in range(count)]
    for begin in range(0, count, BATCH):
        with world.transaction() as session:
            _insert(session, world, model, branches, ids[begin : begin + BATCH], begin, spread)
    return ids


def _read(session: Session, case_id: str) -> _Model:
    connection = session.connection()
    rows: dict[type[Base], list[dict[str, Any]]] = {}
    for entity in _ROWS:
        table = table_of(entity)
        key = table.c.id if entity is Case else table.c.case_id
        found = connection.execute(select(table).where(key == case_id)).mappings()
        rows[entity] = [dict(row) for row in found]
    matter = table_of(Matter)
    found = connection.execute(select(matter).where(matter.c.id == rows[Case][0]["matter_id"]))
    record = table_of(JournalRecord)
    columns = connection.execute(
        select(record).where(record.c.stream_id == case_id).order_by(record.c.seq)
    ).mappings()
    records = []
    for line, row in zip(columns, read_stream(session, case_id), strict=True):
        record = json.loads(row.body)
        links = {"prev": record["prev"], "commitment": record["payload"]}
        payload = read_payload(session, row.key_id, case_id, row.seq, row.sealed)
        records.append(({**line, **links}, row.body, canonical(payload).decode("utf-8")))
    return _Model(case_id, dict(found.mappings().one()), rows, records)


def _make_branches(
    world: World, session: Session, mark: str, count: int
) -> list[tuple[str, str, str, bytes]]:
    """Make branches, each in a gacha of its own beside the one of the world.

    Gives id, path, id of the key and key of each branch.
    """
    home = session.get_one(Organisation, world.cast.subject_id)
    gacha = session.get_one(Organisation, home.parent_id)
    columns = ("id", "code", "name", "kind", "level", "parent_id", "path", "spelt")
    made, units = [], []
    for k in range(count):
        unit_id, unit_code = new_id("o"), f"{gacha.code}-{mark}-{k:03d}"
        path = child_path(gacha.path.removesuffix(f"{gacha.code}."), unit_code)
        above = (gacha.level, gacha.parent_id, path, "")
        units.append((unit_id, unit_code, f"第{k}嘎查", gacha.kind, *above))
        code = f"{home.code}-{mark}-{k:03d}"
        at = (home.level, unit_id, child_path(path, code), "")
        made.append((new_id("o"), code, f"第{k}党支部", home.kind, *at))
    for rows in (units, made):
        insert_rows(session, Organisation, columns, rows)
    vault, found = vault_of(session), []
    for row in made:
        key_id = key_for(session, str(row[0]), world.now)
        key = vault.key(session, key_id)
        assert key is not None
        found.append((str(row[0]), str(row[6]), key_id, key))
    return found


def _insert(
    session: Session,
    world: World,
    model: _Model,
    branches: Sequence[tuple[str, str, str, bytes]],
    ids: Sequence[str],
    begin: int,
    spread: bool,
) -> None:
    copies = [
        _Copy(model, case_id, begin + k, branches[(begin + k) % len(branches)], spread)
        for k, case_id in enumerate(ids)
    ]
    journal = [record for copy in copies for record in copy.journal()]
    _write(session, Matter, [copy.matter() for copy in copies])
    heads = dict(zip(ids, (copy.head for copy in copies), strict=True))
    for entity in _ROWS:
        rows = [row for copy in copies for row in copy.rows(entity)]
        if entity is Case:
            rows = [{**row, "head": heads[row["id"]]} for row in rows]
        _write(session, entity, rows)
    _write(session, JournalRecord, [record for record, _ in journal])
    _write(session, JournalPayload, [payload for _, payload in journal])


def _write(session: Session, entity: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        table = table_of(entity)
        names = [name for name in rows[0] if name != "id" or table.c.id.type.python_type is str]
        session.connection().execute(
            table.insert(), [{name: row[name] for name in names} for row in rows]
        )


@dataclass(slots=True)
class _Copy:
    """One copy of a case."""

    model: _Model
    case_id: str
    number: int
    branch: tuple[str, str, str, bytes]
    spread: bool
    head: str = ""
    matter_id: str = ""
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.matter_id = new_id("m")
        self.names = self._names()

    def _names(self) -> dict[str, str]:
        """Give what stands in the copy in place of the model's ids and numbers."""
        matter = self.model.matter
        number = f"{matter['number']}-{self.number}"
        return {
            self.model.case_id: self.case_id,
            matter["id"]: self.matter_id,
            matter["organisation_id"]: self.branch[0],
            matter["org_path"]: self.branch[1],
            matter["number"]: number,
            self.model.rows[Case][0]["number"]: f"{number}-1",
        }

    def matter(self) -> dict[str, Any]:
        return self._row(self.model.matter)

    def rows(self, entity: type[Base]) -> Iterator[dict[str, Any]]:
        return (self._row(row) for row in self.model.rows[entity])

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        names = self.names
        made = {
            name: names.get(value, value) if isinstance(value, str) else value
            for name, value in row.items()
        }
        if self.spread:
            later = timedelta(days=self.number % SPREAD_DAYS)
            made.update({n: made[n] + later for n in ("due_on", "due_at") if made.get(n)})
        return made

    def journal(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        prev = ZERO_HASH
        for columns, record, payload in self.model.records:
            seq = columns["seq"]
            content = self._renamed(payload, self.names).encode("utf-8")
            sealed = seal_payload(self.branch[3], self.case_id, seq, content)
            chained = {columns["prev"]: prev, columns["commitment"]: sealed.commitment}
            body = self._renamed(record, {**self.names, **chained})
            self.head = prev = sha256_hex(body.encode("utf-8"))
            place = {"stream_id": self.case_id, "seq": seq}
            kept = {name: columns[name] for name in columns if name not in _LINKS}
            yield (
                {**kept, **place, "hash": prev, "body": body},
                {**place, "key_id": self.branch[2], "sealed": sealed.sealed},
            )

    def _renamed(self, text: str, names: dict[str, str]) -> str:
        """Put other values into canonical JSON; its keys and their order stay."""
        for old, new in names.items():
            text = text.replace(f'"{old}"', f'"{new}"')
        return text

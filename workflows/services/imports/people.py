"""Importing people with public duty, their posts, and the duties bound to posts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.domain.clocks import local_date
from workflows.domain.ids import new_id
from workflows.domain.organisations import has_lost_sign
from workflows.domain.records import JsonValue
from workflows.domain.roles import Actor
from workflows.domain.subjects import category_of, known_categories
from workflows.services.imports.organisation_names import Directory, Found, load_directory
from workflows.services.imports.plan import Plan, Source
from workflows.services.imports.problems import Problem, RowsRefused, refused
from workflows.services.imports.tables import Entry, Headers, Table, find_table, parted
from workflows.services.journal import append_house
from workflows.store.scope import as_system
from workflows.store.tables import Duty, Person, Tenure

TENURE_HEADERS: Headers = {
    "name": ("姓名", "name"),
    "staff_code": ("人员编号", "编号", "工号", "staff code"),
    "post": ("职务", "岗位", "post"),
    "organisation": ("所在组织", "组织", "单位", "党组织", "organisation"),
    "organisation_code": ("组织代码", "单位代码"),
    "from_on": ("任职起", "任职时间", "起始", "from"),
    "until_on": ("任职止", "免职时间", "截止", "until"),
    "category": ("对象类别", "类别", "人员类别", "subject category"),
    "document": ("任职文号", "文号", "document"),
}
DUTY_HEADERS: Headers = {
    "content": ("职责", "责任事项", "duty"),
    "post": ("职务", "岗位", "责任岗位", "post"),
    "organisation": ("组织", "所在组织", "单位", "organisation"),
    "organisation_code": ("组织代码", "单位代码"),
    "basis": ("依据", "basis"),
}


TENURE_SHEET, DUTY_SHEET = "任职", "责任清单"
# What officers write for the end of a post that somebody holds.
_STILL = frozenset({"至今", "在任", "现任", "今"})
_TENURE_NEEDS = ("name", "post", "organisation", "from_on", "category")
_DUTY_NEEDS = ("content", "post", "organisation", "basis")


@dataclass(frozen=True, slots=True)
class PeopleImported:
    """What an import did; `unchanged` rows were there already."""

    people: int
    tenures: int
    ended: int
    duties: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class _TenureRow:
    line: int
    name: str
    staff_code: str
    post: str
    organisation: Found
    from_on: date
    until_on: date | None
    category: str
    document: str


@dataclass(frozen=True, slots=True)
class _DutyRow:
    content: str
    post: str
    organisation: Found
    basis: str


def import_people(session: Session, actor: Actor, now: datetime, file: Path) -> PeopleImported:
    """Import a table of posts and, on its second sheet or below, of duties; all rows or none.

    The same row again changes nothing, save that a tenure which had no end may get one.

    Raises:
        FileRefused: The file as a whole cannot be read.
        RowsRefused: Rows are wrong; it names all of them.
    """
    source = Source.read(file)
    plan, writer = _planned(session, actor, now, source)
    if plan.problems:
        raise RowsRefused(file.name, plan.problems)
    if not any(writer.counts.values()):
        raise refused(file, "no_rows")
    plan.apply()
    return writer.imported()


def plan_people(session: Session, actor: Actor, now: datetime, source: Source) -> Plan:
    """Say what a workbook of posts and duties would change.

    Raises:
        FileRefused: Columns are missing.
    """
    with as_system(session, "import"):
        return _planned(session, actor, now, source)[0]


def _planned(session: Session, actor: Actor, now: datetime, source: Source) -> tuple[Plan, _Writer]:
    today, problems = local_date(now), list[Problem]()
    is_one = len(source.sheets) == 1
    sheets = parted(source.sheets[0], DUTY_SHEET) if is_one else source.sheets
    tables = [find_table(source.path, sheets[0], TENURE_HEADERS, _TENURE_NEEDS)]
    directory = load_directory(session)
    writer = _Writer(session, today, sheets[0].name)
    for row in _tenure_rows(tables[0], directory, today, problems):
        writer.tenure(row, problems)
    if len(sheets) > 1 and any(any(row) for row in sheets[1].rows):
        tables.append(find_table(source.path, sheets[1], DUTY_HEADERS, _DUTY_NEEDS))
        for duty in _duty_rows(tables[1], directory, problems):
            writer.duty(duty)

    def apply() -> None:
        writer.write()
        form: dict[str, JsonValue] = {"sha256": source.sha256, **asdict(writer.imported())}
        append_house(session, actor, now, "people_imported", source.file_name[:200], form=form)

    counts = writer.counts
    plan = Plan(
        tables=tuple(tables),
        new=counts["tenures"] + counts["duties"],
        changed=counts["ended"],
        unchanged=counts["unchanged"],
        problems=tuple(sorted(problems, key=lambda problem: (problem.sheet, problem.line))),
        apply=apply,
    )
    return plan, writer


def _tenure_rows(
    table: Table, directory: Directory, today: date, problems: list[Problem]
) -> list[_TenureRow]:
    found = []
    for entry in table.entries():
        row = _tenure_row(entry, directory, today)
        problems.extend(entry.problems)
        if row is not None and not entry.problems:
            found.append(row)
    return found


def _tenure_row(entry: Entry, directory: Directory, today: date) -> _TenureRow | None:
    name = entry.text("name", required=True, limit=60)
    if has_lost_sign(name):
        entry.wrong("lost_sign", "name", value=name)
    post = entry.text("post", required=True, limit=60)
    organisation = _place(entry, directory)
    from_on = entry.date("from_on", required=True)
    until_on = entry.date("until_on", none=_STILL)
    if from_on is not None and from_on > today:
        entry.wrong(
            "date_in_future", "from_on", column=entry.table.titles["from_on"], value=from_on
        )
    if from_on is not None and until_on is not None and until_on < from_on:
        entry.wrong("dates_reversed", "until_on", start=from_on, until=until_on)
    text = entry.text("category", required=True)
    category = category_of(text)
    if text and category is None:
        entry.wrong("not_public_duty", "category", value=text[:40], known=known_categories())
    staff_code = entry.text("staff_code", limit=40)
    document = entry.text("document", limit=120)
    if organisation is None or from_on is None or category is None:
        return None
    return _TenureRow(
        entry.line,
        name,
        staff_code,
        post,
        organisation,
        from_on,
        until_on,
        category.value,
        document,
    )


def _place(entry: Entry, directory: Directory) -> Found | None:
    """Find an organisation by its code, where the row has one, else by its name."""
    name = entry.text("organisation", required=True)
    place = entry.text("organisation_code", limit=60) or name
    return directory.find(entry, place) if place else None


def _duty_rows(table: Table, directory: Directory, problems: list[Problem]) -> list[_DutyRow]:
    found = []
    for entry in table.entries():
        organisation = _place(entry, directory)
        row = (
            entry.text("content", required=True, limit=2_000),
            entry.text("post", required=True, limit=60),
            entry.text("basis", required=True, limit=200),
        )
        problems.extend(entry.problems)
        if organisation is not None and not entry.problems:
            found.append(_DutyRow(row[0], row[1], organisation, row[2]))
    return found


class _Writer:
    """Gathers people, tenures and duties that are not there yet, counts and then writes them."""

    def __init__(self, session: Session, today: date, sheet: str) -> None:
        """Read what is there already."""
        self.session = session
        self.today = today
        self.sheet = sheet
        self.made: list[Person | Tenure | Duty] = []
        self.ends: dict[int, tuple[Tenure, date]] = {}
        self.counts = {"people": 0, "tenures": 0, "ended": 0, "duties": 0, "unchanged": 0}
        people = session.scalars(select(Person)).all()
        self.by_code = {person.staff_code: person for person in people if person.staff_code}
        self.tenures: dict[tuple[str, str, str], list[Tenure]] = {}
        self.by_place: dict[tuple[str, str, str], Person] = {}
        self.by_name: dict[tuple[str, str], str] = {}
        by_id = {person.id: person for person in people}
        for tenure in session.scalars(select(Tenure)):
            self._remember(by_id[tenure.person_id], tenure)
        self.duties = {
            (duty.organisation_id, duty.post, duty.content)
            for duty in session.scalars(select(Duty).where(Duty.until_on.is_(None)))
        }

    def tenure(self, row: _TenureRow, problems: list[Problem]) -> None:
        """Write a tenure, or note why not."""
        person = self._person(row, problems)
        if person is None:
            return
        key = (person.id, row.organisation.id, row.post)
        for known in self.tenures.get(key, ()):
            if known.from_on == row.from_on:
                self._end(known, row, problems)
                return
            if _overlap(known, self._until(known), row):
                values = {"start": known.from_on}
                told = Problem(row.line, "tenure_overlaps", values, self.sheet, "from_on")
                problems.append(told)
                return
        tenure = Tenure(
            person_id=person.id,
            organisation_id=row.organisation.id,
            org_path=row.organisation.path,
            post=row.post,
            subject_category=row.category,
            from_on=row.from_on,
            until_on=row.until_on,
            document=row.document,
        )
        self.made.append(tenure)
        self.counts["tenures"] += 1
        self._remember(person, tenure)

    def duty(self, row: _DutyRow) -> None:
        """Write a line of the responsibility list, once."""
        key = (row.organisation.id, row.post, row.content)
        if key in self.duties:
            self.counts["unchanged"] += 1
            return
        self.duties.add(key)
        self.made.append(
            Duty(
                organisation_id=row.organisation.id,
                org_path=row.organisation.path,
                post=row.post,
                content=row.content,
                basis=row.basis,
                from_on=self.today,
                listed_on=self.today,
            )
        )
        self.counts["duties"] += 1

    def write(self) -> None:
        """Write what was gathered."""
        self.session.add_all(self.made)
        for tenure, until_on in self.ends.values():
            tenure.until_on = until_on
        self.session.flush()

    def imported(self) -> PeopleImported:
        """Give what was gathered as numbers."""
        return PeopleImported(**self.counts)

    def _person(self, row: _TenureRow, problems: list[Problem]) -> Person | None:
        """Find the person by his staff code, else by name in the same post; else make one."""
        if row.staff_code:
            person = self.by_code.get(row.staff_code)
            if person is not None and person.name != row.name:
                values = {"code": row.staff_code, "name": person.name}
                told = Problem(row.line, "person_differs", values, self.sheet, "staff_code")
                problems.append(told)
                return None
        else:
            person = self.by_place.get((row.name, row.organisation.id, row.post))
            namesake = self.by_name.get((row.name, _banner(row.organisation.path)))
            if person is None and namesake is not None:
                values = {"post": namesake}
                told = Problem(row.line, "person_twice", values, self.sheet, "staff_code")
                problems.append(told)
                return None
        if person is None:
            person = Person(id=new_id("p"), name=row.name, staff_code=row.staff_code or None)
            self.made.append(person)
            self.counts["people"] += 1
            if row.staff_code:
                self.by_code[row.staff_code] = person
        return person

    def _end(self, known: Tenure, row: _TenureRow, problems: list[Problem]) -> None:
        until_on = self._until(known)
        if until_on is None and row.until_on is not None:
            self.ends[id(known)] = known, row.until_on
            self.counts["ended"] += 1
            return
        name = _difference(known, until_on, row)
        if name:
            values = {"column": TENURE_HEADERS[name][0]}
            problems.append(Problem(row.line, "tenure_differs", values, self.sheet, name))
        else:
            self.counts["unchanged"] += 1

    def _until(self, known: Tenure) -> date | None:
        return self.ends[id(known)][1] if id(known) in self.ends else known.until_on

    def _remember(self, person: Person, tenure: Tenure) -> None:
        key = (tenure.person_id, tenure.organisation_id, tenure.post)
        self.tenures.setdefault(key, []).append(tenure)
        self.by_place[person.name, tenure.organisation_id, tenure.post] = person
        self.by_name[person.name, _banner(tenure.org_path)] = tenure.post


def _banner(path: str) -> str:
    return "".join(f"{part}." for part in path.split(".")[:3])


def _difference(known: Tenure, until_on: date | None, row: _TenureRow) -> str:
    """Name the field in which a row differs from its tenure; what is empty differs in nothing."""
    if row.until_on is not None and row.until_on != until_on:
        return "until_on"
    if row.category != known.subject_category:
        return "category"
    if row.document and row.document != known.document:
        return "document"
    return ""


def _overlap(known: Tenure, until_on: date | None, row: _TenureRow) -> bool:
    ends_before = until_on is not None and until_on < row.from_on
    begins_after = row.until_on is not None and row.until_on < known.from_on
    return not ends_before and not begins_after

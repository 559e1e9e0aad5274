"""The day's digest as a mail: numbers and names of tasks; never a person's, nothing restricted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from webapp.dates import day, day_long, day_short
from webapp.sayings import gettext, listed, ngettext
from webapp.speaking import speaking
from webapp.words import labels
from webapp.words.packs import speaker_for
from workflows.domain.levels import INTERNAL
from workflows.domain.roles import Actor
from workflows.jobs.mailing import Digest
from workflows.queries.desk.home import MOST_FREE, Coming, my_tasks, tonight
from workflows.queries.desk.worklist import ListedTask, Wanted, Whose, tasks_page
from workflows.services.installation import installation_of
from workflows.store.transaction import Session

MOST_LINES = 20


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a digest: how many there are, and the lines of those that may be named.

    With each line stands how many it is about: reports that are handed in as one have one.
    """

    title: str
    count: int
    lines: Sequence[tuple[str, int]]
    restricted: int


def write_digest(
    address: str, session: Session, actor: Actor, today: date, language: str
) -> Digest | None:
    """Write the digest of an officer, within the session's scope; None where nothing is to do.

    Args:
        address: Where people reach the pages; empty where that is not known.
        session: A session with the officer's own scope.
        actor: The officer.
        today: The day of the digest.
        language: In which he reads, ``zh`` or ``en``.
    """
    with speaking("en" if language == "en" else "zh"):
        parts = [part for part in _parts(session, actor, today) if part.count]
        if not parts:
            return None
        house = installation_of(session)
        said = listed(map(_in_short, parts))
        subject = gettext("督办提要 %(on)s：%(said)s", on=day(today), said=said)
        if house.mode != "production":
            subject = gettext("【演示】%(subject)s", subject=subject)
        return Digest(subject, "\n".join(_text(house.title, parts, today, address)))


def _in_short(part: _Part) -> str:
    return gettext("%(title)s %(count)s", title=part.title, count=part.count)


def _text(title: str, parts: Iterable[_Part], today: date, address: str) -> Iterator[str]:
    yield f"{title}　{day_long(today)}"
    for part in parts:
        yield ""
        yield gettext("%(title)s（%(count)s 件）", title=part.title, count=part.count)
        shown = part.lines[:MOST_LINES]
        yield from (f"  {line}" for line, _ in shown)
        more = part.count - part.restricted - sum(count for _, count in shown)
        if more > 0:
            yield "  " + ngettext("另有 %(num)s 件", "另有 %(num)s 件", more)
        if part.restricted:
            yield "  " + ngettext(
                "%(num)s 件限制知悉事项", "%(num)s 件限制知悉事项", part.restricted
            )
    yield ""
    if address:
        yield gettext("请到工作台办理：%(address)s", address=f"{address}/home")
    else:
        yield gettext("请登录系统，到工作台办理。")
    yield gettext("每个工作日至多一封；可在“我的账号”中关闭。以页面上的期限为准，请勿回复。")


def _parts(session: Session, actor: Actor, today: date) -> Iterator[_Part]:
    mine = my_tasks(session, actor, today)
    yield _of_tasks(session, gettext("已逾期"), mine.overdue)
    yield _of_tasks(session, gettext("今天到期"), mine.today)
    yield _of_tasks(session, gettext("本周到期"), mine.week)
    free = tasks_page(session, actor, today, Wanted(Whose.FREE), size=MOST_FREE)
    yield _of_tasks(session, gettext("本单位待领取"), free.rows, free.count)
    yield _of_tonight(session, tonight(session, actor, today).escalations)


def _of_tasks(
    session: Session, title: str, rows: Sequence[ListedTask], count: int | None = None
) -> _Part:
    named = [row for row in rows if row.task.level == INTERNAL]
    lines = list(_task_lines(session, named))
    return _Part(title, len(rows) if count is None else count, lines, len(rows) - len(named))


def _task_lines(session: Session, rows: Sequence[ListedTask]) -> Iterator[tuple[str, int]]:
    """Write a line for each task, and one for the reports of an office that become one."""
    reports = Counter(row.task.office_id for row in rows if row.task.is_milestone)
    joined: set[str] = set()
    for row in rows:
        office = row.task.office_id if row.task.is_milestone else None
        if office is None or reports[office] == 1:
            yield _task_line(session, row), 1
        elif office not in joined:
            joined.add(office)
            yield _joint_line(session, row, reports[office]), reports[office]


def _joint_line(session: Session, row: ListedTask, count: int) -> str:
    """Write the reports of one office as one line: they are handed in as one."""
    name = speaker_for(session, row.pack_hash).activity(row.task.activity)
    said = gettext("%(office)s　%(count)s 份“%(task)s”，可以合并报送")
    said = said % {"office": row.office, "count": count, "task": name}
    return f"{said}　{day_short(row.task.due_on)}".rstrip("　")


def _task_line(session: Session, row: ListedTask) -> str:
    name = speaker_for(session, row.pack_hash).activity(row.task.activity)
    return f"{row.case_number}　{name}　{day_short(row.task.due_on)}".rstrip("　")


def _of_tonight(session: Session, coming: Sequence[Coming]) -> _Part:
    named = [each for each in coming if each.case.level == INTERNAL]
    lines = [(_tonight_line(session, each), 1) for each in named]
    return _Part(gettext("今晚将自动升级"), len(coming), lines, len(coming) - len(named))


def _tonight_line(session: Session, coming: Coming) -> str:
    rule = speaker_for(session, coming.case.pack_hash).rule(coming.clock.rule)
    rises = coming.rung is not None and coming.rung != coming.case.rung
    return f"{coming.case.number}　{rule}" + (f"　→ {labels.rung(coming.rung)}" if rises else "")

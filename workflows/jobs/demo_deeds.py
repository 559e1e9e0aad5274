"""What the people of the demo do beside the tasks of a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from workflows.domain.clocks import local_date
from workflows.domain.demo_answers import Answer
from workflows.domain.demo_stories import Deed
from workflows.domain.recusals import Ground, Reason
from workflows.domain.weak_lax import FOLLOWING, TYPES, Determination
from workflows.services.casework import open_beside
from workflows.services.demo.cast import DemoCast, case_of, open_tasks, twin_of
from workflows.services.desk.reminding import remind
from workflows.services.tracks.determination import Minutes, Result, determine
from workflows.services.tracks.merging import ask_merge
from workflows.services.tracks.recusal import declare
from workflows.services.tracks.recusal_decision import decide
from workflows.services.tracks.supervising import begin_supervision
from workflows.store.tables import Case, Matter
from workflows.store.transaction import Session

_SAME = "两处登记的是同一件事"
_HANDLER, _COMMITTEE, _PRINCIPAL = "chengban", "changwei", "buzhang"


def do_deed(
    session: Session, cast: DemoCast, now: datetime, case_id: str, deed: Deed, values: Answer
) -> str | None:
    """Do something beside a case; give the case that it opens, if it opens one."""
    case = case_of(session, case_id)
    if deed.kind == "beside":
        return _beside(session, cast, now, case, deed, values)
    if deed.kind == "determine":
        _determine(session, cast, now, case)
    elif deed.kind == "recuse":
        _recuse(session, cast, now, case, deed.who)
    elif deed.kind == "remind":
        _remind(session, cast, now, case, deed)
    elif deed.kind == "supervise":
        reason = str(deed.values["reason"])
        begin_supervision(session, cast.actors[deed.who], now, case.id, reason)
    else:
        twin = twin_of(session, case)
        ask_merge(session, cast.actors[deed.who], now, case.matter_id, twin, _SAME)
    return None


def _beside(
    session: Session,
    cast: DemoCast,
    now: datetime,
    case: Case,
    deed: Deed,
    values: Mapping[str, str | list[str]],
) -> str:
    paper = None if deed.who else cast.paper_of(case, now)
    actor = cast.actors[deed.who or _HANDLER]
    return open_beside(session, actor, now, case.id, deed.process, values, paper=paper).case_id


def _determine(session: Session, cast: DemoCast, now: datetime, case: Case) -> None:
    """Determine a branch as weak and lax, or lift that again once it was put right."""
    matter = session.get_one(Matter, case.matter_id)
    met_on = local_date(now)
    wanted = FOLLOWING[Determination(matter.determination)][0]
    kind = next(iter(TYPES)) if wanted is Determination.DETERMINED else ""
    result = Result(
        wanted,
        self_checked_on=met_on - timedelta(days=6),
        reviewed_on=met_on - timedelta(days=3),
        studied_on=met_on,
        type=kind,
    )
    minutes = Minutes(f"常委会纪要〔演示〕{now.month}号", met_on)
    determine(session, cast.actors[_COMMITTEE], now, minutes=minutes, results={matter.id: result})


def _remind(session: Session, cast: DemoCast, now: datetime, case: Case, deed: Deed) -> None:
    """Remind the branch of an open task; beyond the month's cap with a reason."""
    for task in open_tasks(session, case.id):
        if task.activity == deed.values["task"]:
            text, reason = str(deed.values["text"]), str(deed.values["reason"])
            remind(session, cast.actors[deed.who], now, case.id, task.place, text, reason)


def _recuse(session: Session, cast: DemoCast, now: datetime, case: Case, who: str) -> None:
    reason = Reason(Ground.RELATIVE, "该支部书记是本人堂兄（虚构）")
    asked = declare(session, cast.actors[who], now, case.id, reason)
    granted = "情况属实，同意回避"
    if asked is not None:
        principal = cast.actors[_PRINCIPAL]
        decide(session, principal, now, asked, is_granted=True, decision=granted)

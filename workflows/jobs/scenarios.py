"""Scenarios: a case played through a pack with a controllable clock.

A scenario is a TOML file (docs/reference/scenarios.md). It runs on a database of its
own in memory, through the same services that pages and sweeps call.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar

from workflows.audit.commitment import new_subject_key
from workflows.domain.clocks import SHANGHAI, local_date
from workflows.domain.errors import DubanError, InvalidInput
from workflows.jobs.scenario_cast import Cast, Stage
from workflows.jobs.scenario_checks import unmet
from workflows.jobs.sweep import run_sweep
from workflows.services import casework
from workflows.services.access import load_actor
from workflows.services.corrections.late import confirm_late, enter_late
from workflows.services.history.rebuild import differences
from workflows.services.installation import init_installation
from workflows.services.steps.beside import Other, opening_named
from workflows.services.vault import Vault
from workflows.store.connection import open_memory, session_factory
from workflows.store.schema import create_all
from workflows.store.scope import SystemScope
from workflows.store.transaction import Session, Sessions, transaction

JOB = "scenario"
MAIN = "main"
_ACTS = ("complete", "sweep", "message", "beside", "pause", "resume", "late")


class ScenarioInvalid(InvalidInput):
    """{file}, step {step}: {reason}"""

    code: ClassVar[str] = "scenario_invalid"


@dataclass(frozen=True, slots=True)
class Played:
    """One step of a scenario as it went; ``failures`` are the expectations not met."""

    number: int
    at: datetime
    what: str
    case: str
    failures: tuple[str, ...] = ()


@dataclass(slots=True)
class _Run:
    file: str
    sessions: Sessions
    cast: Cast
    cases: dict[str, str] = field(default_factory=dict)


def run_scenario(
    path: Path, pack_folder: Path, gather: Callable[[Session], Cast] = Cast.gather
) -> Iterator[Played]:
    """Play a scenario step by step; the first step with failures is the last.

    At its end all rows are compared with their records; a last step tells where they differ.
    ``gather`` makes the cast in an empty installation.

    Raises:
        ScenarioInvalid: The file does not say what it should.
        DubanError: A step is refused that does not expect it.
    """
    script = _read(path)
    run = _prepare(path, script, pack_folder, gather)
    number, at = 0, _moment(path.name, 0, script["start"].get("at"))
    for number, step in enumerate(script.get("step", []), start=1):
        played = _play(run, number, step)
        yield played
        if played.failures:
            return
        at = played.at
    with transaction(run.sessions, SystemScope(JOB)) as session:
        apart = tuple(
            f"{found.what}: recorded {found.recorded}, found {found.found}"
            for found in differences(session)
        )
    if apart:
        yield Played(number + 1, at, "rows against records", MAIN, apart)


def _read(path: Path) -> dict[str, Any]:
    try:
        script = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioInvalid(file=path.name, step=0, reason=str(error)) from error
    if not isinstance(script.get("start"), dict):
        raise ScenarioInvalid(file=path.name, step=0, reason="[start] is missing")
    return script


def _prepare(
    path: Path, script: Mapping[str, Any], pack_folder: Path, gather: Callable[[Session], Cast]
) -> _Run:
    engine = open_memory()
    create_all(engine)
    sessions = session_factory(engine, Vault(new_subject_key()).session_marks())
    start = script["start"]
    now = _moment(path.name, 0, start.get("at"))
    with transaction(sessions, SystemScope(JOB)) as session:
        init_installation(session, now, "test", str(script.get("title", path.stem)), pack_folder)
        cast = gather(session)
        cast.described = script.get("people", {})
        if "organisation" in start:
            cast.subject_id = cast.bodies[str(start["organisation"])]
    run = _Run(path.name, sessions, cast)
    with transaction(sessions, SystemScope(JOB)) as session:
        clerk = cast.account(session, str(start.get("by", "clerk")), now)
        cast.allow(session, clerk, ("R01",), now)
        opened = casework.open_matter(
            session,
            load_actor(session, clerk, local_date(now)),
            now,
            organisation_id=cast.subject_id,
            values=cast.values(session, "intake", start.get("facts", {}), now),
        )
    run.cases[MAIN] = opened.case_id
    return run


def _moment(file: str, number: int, text: object) -> datetime:
    """Read a local time of China, or the start of an office day for a bare date."""
    if isinstance(text, datetime):
        moment = text
    elif isinstance(text, date):
        moment = datetime(text.year, text.month, text.day, 9, tzinfo=SHANGHAI)
    else:
        try:
            moment = datetime.fromisoformat(str(text))
        except ValueError as error:
            raise ScenarioInvalid(file=file, step=number, reason=f"at = {text!r}") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).astimezone(UTC)


def _play(run: _Run, number: int, step: Mapping[str, Any]) -> Played:
    at = _moment(run.file, number, step.get("at"))
    name = str(step.get("case", MAIN))
    if name not in run.cases:
        raise ScenarioInvalid(file=run.file, step=number, reason=f"no case is called {name}")
    acts = [act for act in _ACTS if act in step]
    if len(acts) > 1:
        raise ScenarioInvalid(file=run.file, step=number, reason=f"both {acts[0]} and {acts[1]}")
    what = f"{acts[0]} {step[acts[0]]}" if acts else "expect"
    failures = _act(run, number, at, name, step, acts[0]) if acts else ()
    if not failures and "expect" in step:
        with transaction(run.sessions, SystemScope(JOB)) as session:
            today = local_date(at)
            failures = tuple(unmet(session, run.cases[name], step["expect"], today))
    return Played(number, at, what, name, failures)


def _act(
    run: _Run, number: int, at: datetime, name: str, step: Mapping[str, Any], act: str
) -> tuple[str, ...]:
    """Do what a step says; a refusal that it expects by ``refused`` is no failure."""
    expected = step.get("refused")
    known = run.cast.known()
    try:
        if act == "sweep":
            run_sweep(run.sessions, at)
        else:
            with transaction(run.sessions, SystemScope(JOB)) as session:
                _do(run, session, number, at, name, step, act)
    except DubanError as error:
        run.cast.forget_but(known)
        if error.code == expected:
            return ()
        if expected is None:
            raise
        return (f"refused with {error.code}, expected {expected}",)
    return (f"not refused, expected {expected}",) if expected else ()


def _do(
    run: _Run,
    session: Session,
    number: int,
    at: datetime,
    name: str,
    step: Mapping[str, Any],
    act: str,
) -> None:
    stage = run.cast.stage(session, run.cases[name], at)
    opened: tuple[str, ...] = ()
    if act == "complete":
        opened = _complete(session, stage, step)
    elif act == "message":
        opened = _message(session, stage, step)
    elif act == "beside":
        opened = _beside(session, stage, step)
    elif act == "late":
        opened = _late(session, stage, step)
    elif act == "pause":
        _pause(session, stage, step["pause"])
    else:
        _resume(session, stage, step["resume"])
    named = step.get("opens_each", [step["opens"]] if "opens" in step else [])
    if named and len(opened) != len(named):
        reason = f"opened {len(opened)} cases"
        raise ScenarioInvalid(file=run.file, step=number, reason=reason)
    run.cases |= {str(name): case_id for name, case_id in zip(named, opened, strict=False)}


def _complete(session: Session, stage: Stage, step: Mapping[str, Any]) -> tuple[str, ...]:
    task = stage.task(str(step["complete"]))
    activity = stage.case.definition.activity(task.rpartition("#")[0])
    paper = stage.paper(step)
    roles = ("R03",) if paper else activity.roles
    actor = stage.actor(str(step.get("by", "handler")), roles)
    values = stage.form_values(activity.form, step)
    return casework.complete(
        session, actor, stage.now, stage.case.id, task, values, paper=paper
    ).opened_cases


def _message(session: Session, stage: Stage, step: Mapping[str, Any]) -> tuple[str, ...]:
    message = str(step["message"])
    roles, form = stage.message_form(message)
    paper = stage.paper(step)
    actor = stage.actor(str(step.get("by", "handler")), ("R03",) if paper else roles)
    values = stage.form_values(form, step)
    return casework.send_message(
        session, actor, stage.now, stage.case.id, message, values, paper=paper
    ).opened_cases


def _beside(session: Session, stage: Stage, step: Mapping[str, Any]) -> tuple[str, ...]:
    process = str(step["beside"])
    opening = opening_named(stage.pack, process, Other.of(stage.case))
    paper = stage.paper(step)
    actor = stage.actor(str(step.get("by", "handler")), ("R03",) if paper else opening.roles)
    values = stage.form_values(opening.form, step)
    opened = casework.open_beside(
        session, actor, stage.now, stage.case.id, process, values, paper=paper
    )
    return (opened.case_id,)


def _late(session: Session, stage: Stage, step: Mapping[str, Any]) -> tuple[str, ...]:
    """Enter an act that came in time, and let a second person confirm it."""
    paper = stage.paper(step)
    if paper is None:
        raise InvalidInput(reason="a late entry needs enter_from_paper with acted_on")
    task = stage.past_task(str(step["late"]))
    form = stage.case.definition.activity(task.rpartition("#")[0]).form
    values = stage.form_values(form, step)
    clerk = stage.actor(str(step.get("by", "handler")), ("R03",))
    entry = enter_late(session, clerk, stage.now, stage.case.id, task, values, paper)
    second = stage.actor(str(step.get("confirmed_by", "deputy")), ("R03",))
    return confirm_late(session, second, stage.now, entry).opened_cases


def _pause(session: Session, stage: Stage, given: Mapping[str, Any]) -> None:
    actor = stage.actor(str(given.get("by", "principal")), ("R06",))
    clock = stage.clock(str(given["clock"]))
    reason = str(given.get("reason", "等待上级批复"))
    approver = actor.account_id
    casework.pause(
        session, actor, stage.now, stage.case.id, clock, reason=reason, approver=approver
    )


def _resume(session: Session, stage: Stage, given: Mapping[str, Any]) -> None:
    actor = stage.actor(str(given.get("by", "principal")), ("R06",))
    clock = stage.clock(str(given["clock"]))
    reason = str(given.get("reason", "暂停原因消除"))
    casework.resume(session, actor, stage.now, stage.case.id, clock, reason=reason)

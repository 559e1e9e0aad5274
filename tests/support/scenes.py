"""A shipped scenario played up to a moment, with its world at hand."""

import tomllib
from datetime import datetime
from typing import Any

from tests.support.casework import World, memory_world
from workflows.domain.clocks import SHANGHAI
from workflows.services import casework
from workflows.services.steps.beside import Other, opening_named
from workflows.shipped import shipped_pack_dir


def moment(text: str) -> datetime:
    """Read a local time of China."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def script_of(name: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Read a shipped scenario: how it starts, and its steps."""
    path = shipped_pack_dir() / "scenarios" / f"{name}.toml"
    script = tomllib.loads(path.read_text("utf-8"))
    return script["start"], script["step"]


def begin(name: str) -> tuple[World, str, list[dict[str, Any]]]:
    """Open the case of a scenario; give it with the steps that follow."""
    start, steps = script_of(name)
    world = memory_world(moment(start["at"]))
    return world, world.open_matter(**start["facts"]), steps


def play(
    world: World, case_id: str, steps: list[dict[str, Any]], until: str, *without: str
) -> dict[str, str]:
    """Do those steps that lie before a moment, and take them off the list.

    Args:
        world: Its clock is left at the moment.
        case_id: The main case.
        steps: Those of the scenario.
        until: A local time of China.
        without: Cases by their names in the scenario that are not opened at all.

    Returns:
        The cases by their names.
    """
    cases = {"main": case_id}
    while steps and moment(steps[0]["at"]) < moment(until):
        step = steps.pop(0)
        world.now = moment(step["at"])
        if step.get("sweep"):
            world.sweep()
        elif "beside" in step and step["opens"] not in without:
            cases[step["opens"]] = _beside(world, cases[step.get("case", "main")], step)
        elif "complete" in step and step.get("case", "main") in cases:
            _complete(world, cases[step.get("case", "main")], step)
    world.now = moment(until)
    return cases


def _beside(world: World, case_id: str, step: dict[str, Any]) -> str:
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        opening = opening_named(stage.pack, step["beside"], Other.of(stage.case))
        actor = stage.actor(step["by"], opening.roles)
        values = stage.form_values(opening.form, step)
        return casework.open_beside(
            session, actor, world.now, case_id, step["beside"], values
        ).case_id


def _complete(world: World, case_id: str, step: dict[str, Any]) -> None:
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        task = stage.task(step["complete"])
        activity = stage.case.definition.activity(task.rpartition("#")[0])
        paper = stage.paper(step)
        actor = stage.actor(step["by"], ("R03",) if paper else activity.roles)
        values = stage.form_values(activity.form, step)
        casework.complete(session, actor, world.now, case_id, task, values, paper=paper)

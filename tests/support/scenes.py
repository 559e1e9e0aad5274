"""A shipped scenario played up to a moment, with its world at hand."""

import tomllib
from datetime import datetime
from typing import Any

from tests.support.casework import World, memory_world
from workflows.domain.clocks import SHANGHAI
from workflows.services import casework
from workflows.shipped import shipped_pack_dir


def moment(text: str) -> datetime:
    """Read a local time of China."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def begin(name: str) -> tuple[World, str, list[dict[str, Any]]]:
    """Open the case of a scenario; give it with the steps that follow."""
    path = shipped_pack_dir() / "scenarios" / f"{name}.toml"
    script = tomllib.loads(path.read_text("utf-8"))
    world = memory_world(moment(script["start"]["at"]))
    return world, world.open_matter(**script["start"]["facts"]), script["step"]


def play(world: World, case_id: str, steps: list[dict[str, Any]], until: str) -> None:
    """Do those steps of the main case that lie before a moment, and take them off the list."""
    while steps and moment(steps[0]["at"]) < moment(until):
        step = steps.pop(0)
        world.now = moment(step["at"])
        if step.get("sweep"):
            world.sweep()
        elif "complete" in step and step.get("case", "main") == "main":
            _complete(world, case_id, step)
    world.now = moment(until)


def _complete(world: World, case_id: str, step: dict[str, Any]) -> None:
    with world.transaction() as session:
        stage = world.cast.stage(session, case_id, world.now)
        task = stage.task(step["complete"])
        activity = stage.case.definition.activity(task.rpartition("#")[0])
        paper = stage.paper(step)
        actor = stage.actor(step["by"], ("R03",) if paper else activity.roles)
        values = stage.form_values(activity.form, step)
        casework.complete(session, actor, world.now, case_id, task, values, paper=paper)

"""What a step costs: ours, and plain SpiffWorkflow's load, step and save.

Both walk loop.bpmn round and round (notice, plan, report, acceptance refused). Plain
SpiffWorkflow reads its own JSON, completes the task, runs what follows and writes
its JSON again, as a case that waits in a database has to; we read and write a
marking. Nothing but the engine is measured: no database, no clock of the case.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from workflows.domain.steps import Trigger, TriggerType
from workflows.engine import Definition, start, step
from workflows.engine.loading import build_pack

LOOP = Path(__file__).parent / "loop.bpmn"
ROUND = ("notice", "term/plan", "term/report", "acceptance")
REWORKS = (0, 50)

_FACTS = '[accepted]\ntype = "bool"\nname = "验收合格"\n'
_PARAMETER = (
    '[{name}]\nname = "{label}"\nvalue = {value}\nunit = "days"\nkind = "act"\n'
    'basis = "本单位自定"\nlocal = true\n'
)
_ABOUT = (
    'id = "loop"\ntitle = {{ zh = "返工循环", en = "Rework loop" }}\nversion = "1"\n'
    'entry = "loop"\n'
)


@dataclass(frozen=True, slots=True)
class EngineFigure:
    """The mean cost of a step after so many reworks, in microseconds."""

    diagram: str
    reworks: int
    step_us: float
    plain_us: float
    marking_bytes: int
    plain_bytes: int

    @property
    def ratio(self) -> float:
        """Tell how many of our steps fit into one of plain SpiffWorkflow."""
        return self.plain_us / self.step_us


def measure_engine(rounds: int = 5) -> list[EngineFigure]:
    """Measure both, at the start of a case and after 50 reworks."""
    definition = _definition()
    return [_measure(definition, reworks, rounds) for reworks in REWORKS]


def _measure(definition: Definition, reworks: int, rounds: int) -> EngineFigure:
    ours, plain = _Ours(definition), _Plain()
    for walker in (ours, plain):
        for task in ROUND * (reworks + 1):
            walker.complete(task)
    step_us = _mean_us(ours.complete, rounds * 40)
    plain_us = _mean_us(plain.complete, rounds)
    return EngineFigure(
        LOOP.name, reworks, step_us, plain_us, len(ours.marking.encode()), len(plain.saved.encode())
    )


def _mean_us(complete: Callable[[str], None], rounds: int) -> float:
    """Walk so many rounds and give the mean of a step."""
    tasks: Iterator[str] = cycle(ROUND)
    count = rounds * len(ROUND)
    began = time.perf_counter()
    for _ in range(count):
        complete(next(tasks))
    return (time.perf_counter() - began) / count * 1e6


class _Ours:
    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self.marking = start(definition, {}).marking

    def complete(self, path: str) -> None:
        trigger = Trigger(TriggerType.TASK, path)
        self.marking = step(self._definition, self.marking, trigger, {"accepted": False}).marking


class _Plain:
    """Plain SpiffWorkflow with its own specs, script engine and serializer."""

    def __init__(self) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.parse(LOOP), LOOP.name)
        self._serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
        terms = {"R_STEP": "P9000D", "R_TERM": "P9000D"}
        self._script_engine = PythonScriptEngine(TaskDataEnvironment(terms))
        workflow = BpmnWorkflow(
            parser.get_spec("loop"),
            parser.get_subprocess_specs("loop"),
            script_engine=self._script_engine,
        )
        workflow.do_engine_steps()
        self.saved = self._serializer.serialize_json(workflow)

    def complete(self, path: str) -> None:
        workflow = self._serializer.deserialize_json(self.saved)
        workflow.script_engine = self._script_engine
        name = path.rpartition("/")[2]
        task = workflow.get_next_task(state=TaskState.READY, spec_name=name)
        task.data["accepted"] = False
        task.run()
        workflow.do_engine_steps()
        self.saved = self._serializer.serialize_json(workflow)


def _definition() -> Definition:
    parameters = _PARAMETER.format(name="R_STEP", label="每步期限", value=10)
    parameters += _PARAMETER.format(name="R_TERM", label="整改期限", value=60)
    files = {
        "loop.bpmn": LOOP.read_bytes(),
        "facts.toml": _FACTS.encode(),
        "parameters.toml": parameters.encode(),
        "pack.toml": _ABOUT.format().encode(),
    }
    return build_pack(files).processes["loop"]

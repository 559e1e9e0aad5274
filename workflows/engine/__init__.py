"""Packs, markings and steps; the only importer of SpiffWorkflow."""

from workflows.engine.check import PackCheck, check_pack
from workflows.engine.definition import Activity, Definition, MessageEvent, Opening, TimerEvent
from workflows.engine.errors import PackInvalid
from workflows.engine.findings import Finding
from workflows.engine.lint import lint_pack
from workflows.engine.loading import build_pack, load_pack
from workflows.engine.marking import Standing, standing
from workflows.engine.marking import hash_of as marking_hash
from workflows.engine.pack import Pack
from workflows.engine.reach import Exploration, Graph, State, Transition, explore
from workflows.engine.run import decide
from workflows.engine.stamp import engine_stamp
from workflows.engine.table import start, step

__all__ = [
    "Activity",
    "Definition",
    "Exploration",
    "Finding",
    "Graph",
    "MessageEvent",
    "Opening",
    "Pack",
    "PackCheck",
    "PackInvalid",
    "Standing",
    "State",
    "TimerEvent",
    "Transition",
    "build_pack",
    "check_pack",
    "decide",
    "engine_stamp",
    "explore",
    "lint_pack",
    "load_pack",
    "marking_hash",
    "standing",
    "start",
    "step",
]

"""What the arrows of a diagram are called."""

from __future__ import annotations

from webapp.diagram import read_plan
from webapp.languages import language
from webapp.words.packs import PackWords
from workflows.engine.elements import Element


def flow_name(speak: PackWords, element: Element, target: str) -> str:
    """Name the flow from a node to another; one without a name by where it leads."""
    # SpiffWorkflow puts a node of its own before an activity that events are attached to.
    node = target.partition(".")[0]
    plan = read_plan(speak.pack.files[element.file], element.file)
    for flow in plan.flows:
        if (flow.source, flow.target) == (element.id, node) and flow.name:
            named = speak.pack.name("activity", flow.id, language())
            return flow.name if named == flow.id else named
    return speak.activity(node)

"""The diagram of a case: where it stands, where it has been and what may come."""

from __future__ import annotations

from collections.abc import Container, Iterable

from flask import request, url_for

from webapp.diagram import Progress, draw, progress_by_process, read_plan
from webapp.diagram.draw import Picture
from webapp.diagram.plan import Plan
from webapp.sayings import gettext
from webapp.words.packs import PackWords
from webapp.work import Work
from workflows.engine import standing
from workflows.queries.case.page import CasePage
from workflows.services.steps.locked import marking_text


def picture_of(
    work: Work, page: CasePage, speak: PackWords, been: Iterable[str]
) -> tuple[Picture, list[tuple[str, str]], str]:
    """Draw the process in which the case stands, or the one asked for.

    Args:
        work: Carries the session.
        page: The case.
        speak: What its pack calls things.
        been: The tasks and deadlines that lie behind it, as path#n.

    Returns:
        The picture, the processes that the case has to do with, and which one is drawn.
    """
    marking = marking_text(work.session, page.case.marking_hash)
    stands = standing(page.definition, marking)
    current = (*stands.tasks, *stands.messages) if page.case.state == "open" else ()
    progress = progress_by_process(page.definition, current, been)
    top = page.case.process_id
    processes = [top, *sorted(key for key in progress if key != top)]
    drawn = request.args.get("process", "")
    if drawn not in processes:
        drawn = _deepest(page, stands.tasks if current else ())
    file, content = _diagram_file(page, drawn)
    at = "、".join(speak.place(path) for path in stands.tasks) or gettext("已办结")
    plan = read_plan(content, file)
    picture = draw(
        plan,
        progress.get(drawn, Progress()),
        title=speak.process(drawn),
        description=gettext("当前位置：%(at)s", at=at),
        name=speak.on_diagram,
        links=_links(page, plan, drawn, progress),
    )
    return picture, [(key, speak.process(key)) for key in processes], drawn


def _deepest(page: CasePage, tasks: Iterable[str]) -> str:
    """Give the process of the task that is called from the most others; else the case's own."""
    path = max(tasks, key=lambda each: each.count("/"), default="")
    return page.definition.activity(path).process_id if path else page.case.process_id


def _links(page: CasePage, plan: Plan, drawn: str, known: Container[str]) -> dict[str, str]:
    """Lead from each node that calls a process to its picture, at the moment that is shown."""
    return {
        node.id: url_for(
            "cases.page",
            case_id=page.case.id,
            process=called,
            as_of=request.args.get("as_of"),
            _anchor="diagram",
        )
        for node in plan.nodes
        if (called := _called(page, drawn, node.id)) in known
    }


def _diagram_file(page: CasePage, process: str) -> tuple[str, bytes]:
    elements = page.definition.pack.processes[process].process.elements.values()
    file = next(iter(elements)).file
    return file, page.definition.pack.files[file]


def _called(page: CasePage, process: str, node: str) -> str:
    elements = page.definition.pack.processes[process].process.elements
    for element in elements.values():
        if element.id == node:
            return element.called or ""
    return ""

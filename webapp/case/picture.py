"""The diagram of a case: where it stands, where it has been and what may come."""

from __future__ import annotations

from collections.abc import Iterable

from flask import request, url_for

from webapp.diagram import Progress, draw, progress_by_process, read_plan
from webapp.diagram.draw import Picture
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
    deepest = max(stands.tasks, key=lambda path: path.count("/"), default="") if current else ""
    drawn = request.args.get("process", "")
    if drawn not in processes:
        drawn = page.definition.activity(deepest).process_id if deepest else top
    file, content = _diagram_file(page, drawn)
    at = "、".join(speak.place(path) for path in stands.tasks) or gettext("已办结")
    plan = read_plan(content, file)
    links = {
        node.id: url_for(
            "cases.page",
            case_id=page.case.id,
            process=called,
            as_of=request.args.get("as_of"),
            _anchor="diagram",
        )
        for node in plan.nodes
        if (called := _called(page, drawn, node.id)) in progress
    }
    name = speak.process(drawn)
    picture = draw(
        plan,
        progress.get(drawn, Progress()),
        title=name,
        description=gettext("当前位置：%(at)s", at=at),
        name=speak.on_diagram,
        links=links,
    )
    return picture, [(key, speak.process(key)) for key in processes], drawn


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

"""The way that breaks a pack's rule, drawn on the diagrams that it goes through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from webapp.diagram import Progress, draw, progress_by_process, read_plan
from webapp.diagram.draw import Picture
from webapp.languages import language
from webapp.sayings import gettext
from webapp.words.packs import PackWords
from workflows.engine import Pack, PackCheck
from workflows.engine.check import Broken

_STYLES = Path(__file__).resolve().parents[1] / "static" / "dist" / "app.css"
_DIAGRAM_RULE = re.compile(
    r"[^{}@]*\.d-(?!none|flex|grid|block|inline|table|print)[^{}]*\{[^{}]*\}"
)
_SVG = "http://www.w3.org/2000/svg"


def ways_on_diagrams(pack: Pack, broken: Broken) -> tuple[tuple[str, Picture], ...]:
    """Draw every process that a counter-example goes through, with its way marked.

    Returns:
        The processes in the order of the pack's files, each with its drawing: where the way
        has been is marked as such, and as the present place what breaks the rule.
    """
    progress = _progress(pack, broken)
    return tuple((name, _drawn(pack, broken, name, each)) for name, each in progress.items())


def _progress(pack: Pack, broken: Broken) -> dict[str, Progress]:
    current: dict[str, set[str]] = {}
    been: dict[str, set[str]] = {}
    at = _broken_at(broken)
    for number, step in enumerate(broken.steps):
        standing = [at[1]] if at is not None and at[0] == number else []
        definition = pack.processes[step.process_id]
        for name, each in progress_by_process(definition, standing, step.elements).items():
            current.setdefault(name, set()).update(each.current)
            been.setdefault(name, set()).update(each.been)
    names = [name for name in pack.processes if name in current.keys() | been.keys()]
    return {
        name: Progress(
            current=frozenset(current.get(name, ())),
            been=frozenset(been.get(name, set()) - current.get(name, set())),
        )
        for name in names
    }


def _broken_at(broken: Broken) -> tuple[int, str] | None:
    """Find the step and path at which the rule is broken: the last that shows the element."""
    for number in range(len(broken.steps) - 1, -1, -1):
        for path in reversed(broken.steps[number].elements):
            if path.rpartition("/")[2] == broken.finding.element:
                return number, path
    last = broken.steps[-1:] and broken.steps[-1].path
    return (len(broken.steps) - 1, last) if last else None


def _drawn(pack: Pack, broken: Broken, process: str, progress: Progress) -> Picture:
    words = PackWords(pack)
    file = pack.processes[process].process.file
    steps = [step.text(pack, language()) for step in broken.steps]
    numbered = (f"{number}. {text}" for number, text in enumerate(steps, 1))
    title = gettext("违反规则的最短路径：%(process)s", process=words.process(process))
    return draw(
        read_plan(pack.files[file], file),
        progress,
        title=title,
        description=" ".join((broken.finding.message(language()), *numbered)),
        name=words.on_diagram,
    )


def drawing_files(result: PackCheck) -> Iterator[tuple[str, str]]:
    """Give the drawings of all counter-examples as files that stand alone, with their names."""
    for number, broken in enumerate(result.broken, 1):
        what = broken.guardrail or broken.finding.rule
        for process, picture in ways_on_diagrams(result.pack, broken):
            yield f"{number:02}-{what}-{process}.svg", _alone(picture)


def _alone(picture: Picture) -> str:
    """Write a drawing with its own styles, so that it is seen without a page around it."""
    head, tag, rest = picture.svg.partition("<title")
    opened = head.replace("<svg ", f'<svg xmlns="{_SVG}" ', 1)
    return f"{opened}<style>{_styles()}</style>{tag}{rest}\n"


@cache
def _styles() -> str:
    """Take the rules of diagrams from the pages' styles."""
    rules = _DIAGRAM_RULE.findall(_STYLES.read_text(encoding="utf-8"))
    return "svg{font-family:sans-serif;background:#fff}" + "".join(rules)

"""Processes of a pack as pictures: one version, or what differs between two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from webapp.diagram import Progress, draw, read_plan
from webapp.diagram.draw import Picture
from webapp.sayings import gettext
from webapp.words.packs import PackWords
from workflows.engine import Pack
from workflows.engine.difference import Change, ChangeKind, PackDifference


@dataclass(frozen=True, slots=True)
class ComparedProcess:
    """A process that differs: what is said of it, and its drawing before and after."""

    id: str
    name: str
    changes: tuple[Change, ...]
    before: Picture | None
    after: Picture | None


def process_picture(pack: Pack, process: str) -> Picture:
    """Draw a process as its file lays it out; called processes lead to their own drawing."""
    elements = pack.processes[process].process.elements.values()
    links = {
        each.id: url_for("packs.processes", pack_hash=pack.hash, process=each.called)
        for each in elements
        if each.called in pack.processes
    }
    return _draw(pack, process, gettext("流程图"), links=links)


def compared_processes(
    old: Pack, new: Pack, difference: PackDifference
) -> tuple[ComparedProcess, ...]:
    """Draw each process that differs, before and after, with what differs marked.

    What is gone is marked on the drawing before, what is new on the one after, what is
    another one on both.
    """
    found = []
    for key in dict.fromkeys((*new.processes, *old.processes)):
        changes = difference.in_process(key)
        if not changes:
            continue
        marks = difference.marks(key)
        was = {each: kind for each, kind in marks.items() if kind is not ChangeKind.ADDED}
        becomes = {each: kind for each, kind in marks.items() if kind is not ChangeKind.REMOVED}
        pack = new if key in new.processes else old
        found.append(
            ComparedProcess(
                id=key,
                name=PackWords(pack).process(key),
                changes=changes,
                before=_marked(old, key, gettext("修改前"), was, "before"),
                after=_marked(new, key, gettext("修改后"), becomes, "after"),
            )
        )
    return tuple(found)


def _marked(
    pack: Pack, process: str, title: str, marks: Mapping[str, ChangeKind], key: str
) -> Picture | None:
    if process not in pack.processes:
        return None
    return _draw(pack, process, title, marks=marks, key=key)


def _draw(
    pack: Pack,
    process: str,
    title: str,
    *,
    links: Mapping[str, str] | None = None,
    marks: Mapping[str, ChangeKind] | None = None,
    key: str = "",
) -> Picture:
    speak = PackWords(pack)
    file = pack.processes[process].process.file
    name = speak.process(process)
    return draw(
        read_plan(pack.files[file], file),
        Progress(),
        title=f"{title}{gettext('：')}{name}",
        description=name,
        name=speak.on_diagram,
        links=links,
        marks={each: kind.value for each, kind in (marks or {}).items()},
        key=key,
    )

"""One thing that differs between two versions of a pack, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from workflows.engine.findings import Language
from workflows.engine.pack import Pack

# The Chinese and the English of the same.
Both: TypeAlias = tuple[str, str]
# What is looked at, and what it says before and after; the same on both sides is no change.
Aspect: TypeAlias = tuple[Both, Both, Both]

NOTHING: Both = ("", "")


class ChangeKind(StrEnum):
    """What happened to a thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Part(StrEnum):
    """What kind of thing of a pack it is, in the order in which they are read."""

    ABOUT = "about"
    PROCESS = "process"
    LANE = "lane"
    NODE = "node"
    FLOW = "flow"
    PARAMETER = "parameter"
    TABLE = "table"
    FORM = "form"
    FACT = "fact"
    GUARDRAIL = "guardrail"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, with the sentence that says it.

    ``place`` is the process, decision table or form in which it is, ``element`` its id there.
    """

    kind: ChangeKind
    part: Part
    file: str
    place: str
    element: str | None
    said: Both

    def text(self, language: Language = "zh") -> str:
        """Say it."""
        return self.said[language == "en"]

    def to_json(self) -> dict[str, object]:
        """Give it as JSON, in both languages."""
        return {
            "kind": self.kind.value,
            "part": self.part.value,
            "file": self.file,
            "place": self.place,
            "element": self.element,
            "said": {"zh": self.said[0], "en": self.said[1]},
        }


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a pack things are compared."""

    part: Part
    file: str
    place: str
    element: str | None = None

    def added(self, what: Both) -> Change:
        """Say that a thing is new."""
        return self._change(ChangeKind.ADDED, (f"新增{what[0]}", f"Added: {what[1]}"))

    def removed(self, what: Both) -> Change:
        """Say that a thing is gone."""
        return self._change(ChangeKind.REMOVED, (f"取消{what[0]}", f"Removed: {what[1]}"))

    def changed(self, said: Both) -> Change:
        """Say in an own sentence that a thing is another one."""
        return self._change(ChangeKind.CHANGED, said)

    def aspects(self, of: Both, aspects: Iterable[Aspect]) -> Iterator[Change]:
        """Say for each aspect that differs from what to what it changes."""
        for name, before, after in aspects:
            if before != after:
                yield self._change(ChangeKind.CHANGED, _aspect(of, name, before, after))

    def _change(self, kind: ChangeKind, said: Both) -> Change:
        zh, en = said
        whole = zh, en[:1].upper() + en[1:]
        return Change(kind, self.part, self.file, self.place, self.element, whole)


def _aspect(of: Both, name: Both, before: Both, after: Both) -> Both:
    if not before[0]:
        return f"{of[0]}增设{name[0]}：{after[0]}", f"{of[1]}: {name[1]} set to {after[1]}"
    if not after[0]:
        return f"{of[0]}取消{name[0]}：{before[0]}", f"{of[1]}: {name[1]} {before[1]} dropped"
    return (
        f"{of[0]}的{name[0]}由{before[0]}改为{after[0]}",
        f"{of[1]}: {name[1]} changed from {before[1]} to {after[1]}",
    )


def named(pack: Pack, kind: str, key: str) -> Both:
    """Give the name of something of a pack in both languages."""
    return pack.name(kind, key, "zh"), pack.name(kind, key, "en")


def quoted(what: Both, name: Both) -> Both:
    """Write a kind of thing and its name: 环节“方案”, task “Plan”."""
    return f"{what[0]}“{name[0]}”", f"{what[1]} “{name[1]}”"


def same(text: object) -> Both:
    """Write what reads alike in both languages; nothing for what is not there."""
    shown = "" if text is None else str(text)
    return shown, shown


def written(text: str | None) -> Both:
    """Write what somebody wrote, in quotes."""
    return (f"“{text}”", f"“{text}”") if text else NOTHING


def yes_no(value: object) -> Both:
    """Write a truth."""
    return ("是", "yes") if value else ("否", "no")


def joined(parts: Iterable[Both]) -> Both:
    """Write a list."""
    pairs = list(parts)
    return "、".join(zh for zh, _ in pairs), ", ".join(en for _, en in pairs)


def keys_of(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    """Give the keys of both, in the order of the new one, with what is gone at the end."""
    yield from dict.fromkeys((*new, *old))

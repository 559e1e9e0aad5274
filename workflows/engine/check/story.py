"""A way through a pack, told in officers' words: the counter-example of a broken rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workflows.domain.steps import FactValue, TriggerType
from workflows.engine.definition import Definition
from workflows.engine.findings import Language
from workflows.engine.pack import Pack
from workflows.engine.reach import Graph, Transition

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        TriggerType.START: "“{name}”开始",
        TriggerType.TASK: "办结“{name}”",
        TriggerType.CLOCK: "“{name}”到期",
        TriggerType.MESSAGE: "收到“{name}”",
        "facts": "（{facts}）",
        "fact": "{name}：{value}",
        "comma": "、",
        "passed": "，经过{names}",
        "opened": "，转到{names}",
        "ended": "，案件办结",
        "quoted": "“{name}”",
        "null": "未填",
        "yes": "是",
        "no": "否",
    },
    "en": {
        TriggerType.START: "“{name}” begins",
        TriggerType.TASK: "“{name}” is completed",
        TriggerType.CLOCK: "“{name}” runs out",
        TriggerType.MESSAGE: "“{name}” comes in",
        "facts": " ({facts})",
        "fact": "{name}: {value}",
        "comma": ", ",
        "passed": ", by way of {names}",
        "opened": ", on to {names}",
        "ended": ", and the case ends",
        "quoted": "“{name}”",
        "null": "left empty",
        "yes": "yes",
        "no": "no",
    },
}


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One step of a counter-example.

    ``number`` counts the cases: 1 is the first, 2 one that it opened. ``passed`` and
    ``opened`` are paths; ``marking`` is where the case stands afterwards, or ``""`` where
    the step cannot be taken.
    """

    number: int
    process_id: str
    trigger: TriggerType
    path: str
    written: Mapping[str, FactValue] = field(default_factory=dict)
    passed: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    marking: str = ""

    @property
    def elements(self) -> tuple[str, ...]:
        """Give all paths that the step touches, in order."""
        return (*((self.path,) if self.path else ()), *self.passed, *self.opened)

    def text(self, pack: Pack, language: Language = "zh") -> str:
        """Say what happens in officers' words."""
        words = _WORDS[language]
        said = words[self.trigger].format(name=self._subject(pack, language))
        facts = words["comma"].join(self._facts(pack, language))
        said += words["facts"].format(facts=facts) if facts else ""
        for key, paths in (("passed", self.passed), ("opened", self.opened)):
            names = _names(pack, paths, language)
            said += words[key].format(names=names) if names else ""
        return said + (words["ended"] if self.marking == "{}" else "")

    def _subject(self, pack: Pack, language: Language) -> str:
        if self.trigger is TriggerType.START:
            return pack.name("process", self.process_id, language)
        return pack.name("activity", last(self.path), language)

    def _facts(self, pack: Pack, language: Language) -> Iterable[str]:
        words = _WORDS[language]
        for name, value in self.written.items():
            shown = show_value(pack, name, value, language)
            if shown:
                fact = pack.name("fact", name, language)
                yield words["fact"].format(name=fact, value=shown)

    def as_json(self, pack: Pack) -> dict[str, object]:
        """Give the step as JSON has it, with its sentences."""
        return {
            "case": self.number,
            "process": self.process_id,
            "trigger": self.trigger.value,
            "path": self.path,
            "written": dict(self.written),
            "passed": list(self.passed),
            "opened": list(self.opened),
            "marking": self.marking,
            "zh": self.text(pack, "zh"),
            "en": self.text(pack, "en"),
        }


def last(path: str) -> str:
    """Give the id of the node that a path leads to."""
    return path.rpartition("/")[2]


def show_value(pack: Pack, name: str, value: FactValue, language: Language) -> str:
    """Say a value of a fact; texts, people and dates stand for any other and say nothing."""
    words, fact = _WORDS[language], pack.facts[name]
    if value is None:
        return words["null"]
    if isinstance(value, bool):
        return words["yes" if value else "no"]
    if isinstance(value, int):
        return fact.show(value)
    codes = value if isinstance(value, list) else [value]
    shown = [pack.name("choice", f"{name}.{code}", language) for code in codes]
    return words["comma"].join(shown) if fact.choices else ""


def _names(pack: Pack, paths: Iterable[str], language: Language) -> str:
    words = _WORDS[language]
    names = (pack.name("activity", last(path), language) for path in paths)
    return words["comma"].join(words["quoted"].format(name=name) for name in names)


def tell(graph: Graph, way: Iterable[Transition], number: int = 1) -> tuple[StoryStep, ...]:
    """Tell a way through one process."""
    return tuple(step_of(graph.process_id, each, number) for each in way)


def step_of(process_id: str, taken: Transition, number: int) -> StoryStep:
    """Tell one transition."""
    effect = taken.effect
    return StoryStep(
        number=number,
        process_id=process_id,
        trigger=taken.trigger.type,
        path=taken.trigger.path,
        written=taken.written,
        passed=effect.passed,
        opened=effect.opened,
        marking="" if taken.target is None else effect.marking,
    )


def place_of(definition: Definition, path: str) -> tuple[str, str]:
    """Give the process and the node that a path leads to; the process itself for none."""
    if not path:
        return definition.process_id, definition.process_id
    element = definition.place(path).element
    return element.process_id, element.id

"""Random diagrams of the whole profile, for comparison with the referee.

They need not be good: some deadlock, some are unsafe, some throw what nobody catches.
What an engine must do with them is fixed all the same.
"""

from __future__ import annotations

import random

from tests.support.diagrams import pack_files
from tests.support.random_diagrams import CONDITIONS, Growing
from tests.support.tables import table

_WAITING = ("timer=R_A", "message=came", "signal=go", "timer=R_B", "signal=halt")
_THROWN_UP = ("escalation=told", "error=late", "escalation", "error")
_THROWN = ("signal=go", "message=sent", "escalation=told", "signal=halt")
_ENDS = ("", "", "", "escalation=told", "signal=go", "message=sent", "terminate", "error=late")
_RULES = (">= 2 | 'A' | 15", "< 2 | 'B' | null")


def whole_pack(chance: random.Random) -> dict[str, str]:
    """Draw three processes that call each other, the last of them ``top``."""
    inmost = WholeGrowing(chance, "z", ()).process(chance.randint(1, 3))
    inner = WholeGrowing(chance, "y", ("inmost",)).process(chance.randint(1, 4))
    top = WholeGrowing(chance, "x", ("inner", "inmost")).process(chance.randint(2, 16))
    return {"inmost": inmost, "inner": inner, "top": top}


def whole_files(processes: dict[str, str]) -> dict[str, bytes]:
    """Make a pack's files of such processes, with the decision table they ask."""
    files = pack_files(**processes)
    files["classify.dmn"] = table("classify", ["n"], ["kind", "days"], list(_RULES))
    return files


class WholeGrowing(Growing):
    """Grows processes out of everything that the profile has.

    ``_targets`` are the nodes of the scope that is growing to which any flow may lead.
    """

    def __init__(self, chance: random.Random, prefix: str, calls: tuple[str, ...]) -> None:
        super().__init__(chance, prefix, calls)
        self._targets: list[str] = []

    def _kinds(self, size: int, joins: bool) -> list[str]:
        kinds = ["task", "watched", "task", "watched", "race", "wait", "tell", "split", "jump"]
        kinds += ["count", "decide", "operate", "leave", *("call" for _ in self._calls)]
        if size > 1:
            kinds += ["choice", "loop", "sub", "fork", "several", "mixed", "sub", "tangle", "sub"]
        return kinds

    def _scope(self, size: int, *, joins: bool, indent: int) -> list[str]:
        outer, self._targets = self._targets, []
        lines = super()._scope(size, joins=joins, indent=indent)
        self._targets = outer
        return lines

    def _often(self, one_in: int) -> bool:
        return self._chance.randint(1, one_in) == one_in

    def _pick(self, choices: tuple[str, ...]) -> str:
        return self._chance.choice(choices)

    def _end_event(self, lines: list[str], events: tuple[str, ...] = _ENDS) -> str:
        name = self._name("e")
        lines.append(f"end {name} {self._pick(events)}".rstrip())
        return name

    def _aside(self, size: int, after: str, lines: list[str]) -> str:
        """Grow a branch that leads back, to an end of its own or into another branch."""
        kind = self._chance.choice(("back", "back", "end", "across"))
        goal = after if kind == "back" else self._end_event(lines)
        if kind == "across" and self._targets:
            goal = self._chance.choice(self._targets)
        return self._sequence(size, goal, lines, joins=True)

    def _borders(self, host: str, after: str, lines: list[str], events: tuple[str, ...]) -> None:
        """Put boundary events on an activity; two of them may wait for the same."""
        for _ in range(self._chance.randint(0, 2)):
            event = self._pick(events)
            on = "on" if event.startswith("error") or self._often(2) else "on~"
            aside = self._aside(self._chance.randint(0, 1), after, lines)
            lines.append(f"boundary {self._name('b')} {on} {host} {event} -> {aside}")

    def _merged(self, after: str, lines: list[str]) -> str:
        name = self._name("m")
        lines.append(f"xor {name} -> {after}")
        self._targets.append(name)
        return name

    def _task(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        name = self._name("t")
        lines.append(f"user {name} -> {after}")
        self._targets.append(name)
        return name

    def _watched(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        name, merge = self._name("t"), self._merged(after, lines)
        lines.append(f"manual {name} -> {merge}")
        self._borders(name, merge, lines, _WAITING)
        return name

    def _race(self, size: int, after: str, lines: list[str], _joins: bool) -> str:
        name, merge = self._name("r"), self._merged(after, lines)
        catches = []
        for _ in range(self._chance.randint(2, 4)):
            catches.append(self._name("c"))
            aside = self._aside(size // 3, merge, lines)
            lines.append(f"catch {catches[-1]} {self._pick(_WAITING)} -> {aside}")
        lines.append(f"race {name} -> {' | '.join(catches)}")
        return name

    def _call(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        name, merge = self._name("p"), self._merged(after, lines)
        lines.append(f"call {name} process={self._chance.choice(self._calls)} -> {merge}")
        self._borders(name, merge, lines, _THROWN_UP + _WAITING)
        return name

    def _sub(self, size: int, after: str, lines: list[str], _joins: bool) -> str:
        name, merge = self._name("u"), self._merged(after, lines)
        inner = self._scope(size, joins=True, indent=2)
        lines.extend([f"sub {name} -> {merge}", *inner])
        self._borders(name, merge, lines, _THROWN_UP + _WAITING)
        return name

    def _count(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        name = self._name("o")
        lines.append(f"service {name} operation=count fact=n -> {after}")
        return name

    def _operate(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        name = self._name("o")
        lines.append(f"service {name} operation=issue_paper -> {after}")
        self._borders(name, after, lines, _WAITING)
        return name

    def _decide(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        name = self._name("o")
        lines.append(f"rule {name} decision=classify -> {after}")
        return name

    def _tell(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        name = self._name("h")
        lines.append(f"throw {name} {self._pick(_THROWN)} -> {after}")
        return name

    def _wait(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        name = self._name("c")
        lines.append(f"catch {name} {self._pick(_WAITING)} -> {after}")
        return name

    def _split(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        """Begin a branch of its own beside the one that goes on."""
        name, aside = self._name("f"), self._sequence(1, self._end_event(lines), lines, joins=True)
        lines.append(f"and {name} -> {after} | {aside}")
        return name

    def _jump(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        """Lead one way of a choice somewhere else in the scope."""
        goals = [goal for goal in self._targets if goal != after]
        if not goals:
            return self._task(1, after, lines, True)
        name, task = self._name("g"), self._name("t")
        condition = self._pick(CONDITIONS)
        lines.append(f"xor {name} -> {after} when {condition} | {self._chance.choice(goals)}")
        lines.append(f"user {task} -> {name}")
        return task

    def _leave(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        """Let one way of a choice end, one way or another."""
        name = self._name("g")
        end = self._end_event(lines)
        lines.append(f"xor {name} -> {after} when {self._pick(CONDITIONS)} | {end}")
        return name

    def _loop(self, size: int, after: str, lines: list[str], _joins: bool) -> str:
        merge, back, task = self._name("m"), self._name("g"), self._name("t")
        first = self._sequence(size - 1, back, lines, joins=True)
        lines += [f"user {task} -> {first}", f"xor {merge} -> {task}"]
        lines.append(f"xor {back} -> {after} when {self._pick(CONDITIONS)} | {merge}")
        self._targets.append(merge)
        return merge

    def _fork(self, size: int, after: str, lines: list[str], _joins: bool) -> str:
        return self._parts("and", "and", size, after, lines)

    def _several(self, size: int, after: str, lines: list[str], _joins: bool) -> str:
        return self._parts("or", "or", size, after, lines)

    def _mixed(self, size: int, after: str, lines: list[str], _joins: bool) -> str:
        """Join by another gateway than the one that split: it may wait for ever, or pile up."""
        split, join = self._chance.choice(
            (("and", "or"), ("or", "and"), ("xor", "or"), ("xor", "and"), ("or", "xor"))
        )
        return self._parts(split, join, size, after, lines)

    def _parts(self, split: str, join: str, size: int, after: str, lines: list[str]) -> str:
        """Grow branches between two gateways; the first may lead from one to the other."""
        name, meet = self._name("f"), self._name("j")
        lines.append(f"{join} {meet} -> {after}")
        self._targets.append(meet)
        ways = []
        for number in range(self._chance.randint(2, 3)):
            is_direct = number == 0 and self._often(3)
            last = meet if is_direct else self._last_of_branch(meet, lines)
            ways.append(self._sequence((size - 1) // 2, last, lines, joins=True))
        if split != "and":
            conditions = [self._pick(CONDITIONS) for _ in ways[1:]]
            ways[:-1] = [f"{way} when {each}" for way, each in zip(ways, conditions, strict=False)]
        lines.append(f"{split} {name} -> {' | '.join(ways)}")
        return name

    def _tangle(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        """Let branches cross on their way to two inclusive joins, one before the other."""
        name, near, far = self._name("f"), self._name("j"), self._name("j")
        lines += [f"or {far} -> {after}", f"or {near} -> {far}"]
        goals = [self._merged(near, lines), self._merged(near, lines), self._merged(far, lines)]
        ways = [
            self._parting(self._chance.sample(goals, 2), lines)
            for _ in range(self._chance.randint(2, 3))
        ]
        lines.append(f"and {name} -> {' | '.join(ways)}")
        return name

    def _parting(self, goals: list[str], lines: list[str]) -> str:
        """Begin a branch in a task; later it goes one of two ways, or both."""
        name, part = self._name("t"), self._name("g")
        first, second = (
            self._sequence(self._chance.randint(0, 1), g, lines, joins=False) for g in goals
        )
        kind = self._pick(("xor", "race", "on", "on~", "or"))
        if kind in ("xor", "or"):
            lines.append(f"{kind} {part} -> {first} when {self._pick(CONDITIONS)} | {second}")
        elif kind == "race":
            one, other = self._name("c"), self._name("c")
            lines.append(f"race {part} -> {one} | {other}")
            lines.append(f"catch {one} {self._pick(_WAITING)} -> {first}")
            lines.append(f"catch {other} {self._pick(_WAITING)} -> {second}")
        else:
            lines.append(f"user {part} -> {first}")
            lines.append(f"boundary {self._name('b')} {kind} {part} timer=R_A -> {second}")
        lines.append(f"user {name} -> {part}")
        return name

    def _last_of_branch(self, meet: str, lines: list[str]) -> str:
        """End a branch in a node of its own, so that its flow to the join is its own."""
        return self._chance.choice((self._task, self._count, self._leave))(1, meet, lines, True)

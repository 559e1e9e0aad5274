"""Random diagrams inside the profile, and random facts."""

from __future__ import annotations

import random
from collections.abc import Mapping

from workflows.domain.steps import FactValue
from workflows.engine.facts import FactDeclaration, FactType

CONDITIONS = ("ok", "n > 1", "kind == 'A'", "not ok", "n < R_MAX")


class Growing:
    """Grows one process out of blocks with one way in and one way out.

    The prefix keeps ids apart: SpiffWorkflow wants those of subprocesses to differ
    between files.
    """

    def __init__(self, chance: random.Random, prefix: str, calls: tuple[str, ...]) -> None:
        self._chance = chance
        self._prefix = prefix
        self._calls = calls
        self._number = 0

    def process(self, size: int) -> str:
        """Grow a process of about so many blocks."""
        return "\n".join(self._scope(size, joins=True, indent=0))

    def _name(self, kind: str) -> str:
        self._number += 1
        return f"{self._prefix}{kind}{self._number}"

    def _scope(self, size: int, *, joins: bool, indent: int) -> list[str]:
        start, end = self._name("s"), self._name("e")
        lines: list[str] = []
        first = self._sequence(size, end, lines, joins=joins)
        return [" " * indent + line for line in (f"start {start} -> {first}", *lines, f"end {end}")]

    def _sequence(self, size: int, after: str, lines: list[str], *, joins: bool) -> str:
        """Grow blocks from the last to the first; give the id of the first."""
        while size > 0:
            share = self._chance.randint(1, min(size, 4))
            after = self._block(share, after, lines, joins=joins)
            size -= share
        return after

    def _block(self, size: int, after: str, lines: list[str], *, joins: bool) -> str:
        kind = self._chance.choice(self._kinds(size, joins))
        if kind == "call" and not self._calls:
            kind = "task"
        grown: str = getattr(self, f"_{kind}")(size, after, lines, joins)
        return grown

    def _kinds(self, size: int, joins: bool) -> list[str]:
        """Give the kinds of blocks to choose from, the simplest first."""
        kinds = ["task", "task", "timed", "reminded", "race", "call"]
        if size > 1:
            kinds += ["choice", "loop", "sub", "sub"]
            kinds += ["fork", "several"] if joins else []
        return kinds

    def _task(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        name = self._name("t")
        lines.append(f"user {name} -> {after}")
        return name

    def _timed(self, size: int, after: str, lines: list[str], joins: bool) -> str:
        name, merge = self._name("t"), self._name("m")
        late = self._sequence(size - 1, merge, lines, joins=False)
        lines += [
            f"user {name} -> {merge}",
            f"boundary {self._name('b')} on {name} timer=R_A -> {late}",
            f"xor {merge} -> {after}",
        ]
        return name

    def _reminded(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        name, note, end = self._name("t"), self._name("t"), self._name("e")
        lines += [
            f"user {name} -> {after}",
            f"boundary {self._name('b')} on~ {name} timer=R_A -> {note}",
            f"user {note} -> {end}",
            f"end {end}",
        ]
        return name

    def _race(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        name, timer, message = self._name("r"), self._name("c"), self._name("c")
        merge = self._name("m")
        lines += [
            f"race {name} -> {timer} | {message}",
            f"catch {timer} timer=R_B -> {merge}",
            f"catch {message} message={message}x -> {merge}",
            f"xor {merge} -> {after}",
        ]
        return name

    def _call(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        name = self._name("p")
        lines.append(f"call {name} process={self._chance.choice(self._calls)} -> {after}")
        if self._chance.random() < 0.5:
            lines.append(f"boundary {self._name('b')} on {name} timer=R_B -> {after}")
        return name

    def _choice(self, size: int, after: str, lines: list[str], joins: bool) -> str:
        name, merge = self._name("g"), self._name("m")
        ways = [self._sequence(size // 2, merge, lines, joins=joins) for _ in range(2)]
        condition = self._chance.choice(CONDITIONS)
        lines += [
            f"xor {name} -> {ways[0]} when {condition} | {ways[1]}",
            f"xor {merge} -> {after}",
        ]
        return name

    def _loop(self, size: int, after: str, lines: list[str], _joins: bool) -> str:
        merge, back = self._name("m"), self._name("g")
        first = self._sequence(size - 1, back, lines, joins=False)
        lines += [f"xor {merge} -> {first}", f"xor {back} -> {after} when ok | {merge}"]
        return merge

    def _fork(self, size: int, after: str, lines: list[str], _joins: bool) -> str:
        name, join = self._name("f"), self._name("j")
        first, second = (self._ended_in_task(size // 2, join, lines) for _ in range(2))
        lines += [f"and {name} -> {first} | {second}", f"and {join} -> {after}"]
        return name

    def _several(self, _size: int, after: str, lines: list[str], _joins: bool) -> str:
        # SpiffWorkflow's inclusive join fires early when a branch is longer than this.
        name, join = self._name("g"), self._name("j")
        ways = [self._ended_in_task(0, join, lines) for _ in range(3)]
        lines += [
            f"or {name} -> {ways[0]} when ok | {ways[1]} when n > 1 | {ways[2]}",
            f"or {join} -> {after}",
        ]
        return name

    def _ended_in_task(self, size: int, join: str, lines: list[str]) -> str:
        """Grow a branch whose last node is a task, so that each has its own flow to the join."""
        last = self._name("t")
        lines.append(f"user {last} -> {join}")
        return self._sequence(size, last, lines, joins=False)

    def _sub(self, size: int, after: str, lines: list[str], _joins: bool) -> str:
        name, merge = self._name("u"), self._name("m")
        inner = self._scope(size, joins=True, indent=2)
        thrown = self._chance.choice(("", "error", "escalation", "terminate"))
        if thrown:
            inner = self._with_throwing_end(inner, thrown, name)
        lines.extend([f"sub {name} -> {merge}", *inner])
        if thrown in ("error", "escalation"):
            aside = self._task(1, merge, lines, False)
            lines.append(f"boundary {self._name('b')} on {name} {thrown}={name}x -> {aside}")
        if self._chance.random() < 0.4:
            late = self._task(1, merge, lines, False)
            lines.append(f"boundary {self._name('b')} on {name} timer=R_A -> {late}")
        lines.append(f"xor {merge} -> {after}")
        return name

    def _with_throwing_end(self, inner: list[str], thrown: str, name: str) -> list[str]:
        """Let a fork at the start run a second branch that may end the whole scope."""
        head, _, first = inner[0].partition(" -> ")
        fork, task, choice = self._name("f"), self._name("t"), self._name("g")
        quiet, loud = self._name("e"), self._name("e")
        event = "terminate" if thrown == "terminate" else f"{thrown}={name}x"
        return [
            f"{head} -> {fork}",
            f"  and {fork} -> {first} | {task}",
            f"  user {task} -> {choice}",
            f"  xor {choice} -> {loud} when {self._chance.choice(CONDITIONS)} | {quiet}",
            f"  end {quiet}",
            f"  end {loud} {event}",
            *inner[1:],
        ]


def random_facts(
    chance: random.Random, declarations: Mapping[str, FactDeclaration]
) -> dict[str, FactValue]:
    """Give every fact a value of its type."""
    return {name: _random_fact(chance, fact) for name, fact in declarations.items()}


def _random_fact(chance: random.Random, fact: FactDeclaration) -> FactValue:
    match fact.type:
        case FactType.BOOL:
            return chance.random() < 0.5
        case FactType.INTEGER | FactType.DECIMAL:
            return chance.randint(1, 4) if chance.random() < 0.7 else chance.randint(0, 100)
        case FactType.CODE:
            return chance.choice(list(fact.choices))
        case FactType.CODES:
            return [code for code in fact.choices if chance.random() < 0.5]
        case FactType.DATE:
            return f"2026-0{chance.randint(1, 9)}-{chance.randint(10, 28)}"
        case _:
            return chance.choice(("a", "b"))

"""How few people can take a case through a process, and which step nobody can do.

An exact search. People are tried one after the other for each signature of each step, the
step that the fewest can do first. Of people who can do the same only the first one that is
not on the case yet is tried. What was found hopeless is remembered by step and by what
matters of those on the case: the roles that stand in a pair, and steps that others are kept
apart from. The number of people grows from one until it suffices; where all are too few,
the smallest set of steps is left out without which the rest can be done.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TypeAlias

from workflows.domain.pairs import can_be_made_up_for, forbidden_with

# In cases of class A or B exceptions may be made on the second rung.
_LIGHT_CLASS = "B"
_MOST_LEFT_OUT = 3


@dataclass(frozen=True, slots=True)
class Step:
    """Tasks that ask for the same people: roles, signatures, rung, and whom they keep apart.

    ``key`` is the task with the most signatures; ``apart_from`` are keys of steps whose
    doers may not do this one.
    """

    key: str
    roles: tuple[str, ...]
    signatures: int = 1
    rung: int | None = None
    apart_from: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody, and the roles under which he can do each step."""

    id: str
    can: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Staffing:
    """Who could do what: by step, somebody with his role for each signature.

    ``left_out`` are steps that nobody can do, or not beside the others.
    """

    cast: Mapping[str, tuple[tuple[str, str], ...]]
    left_out: tuple[str, ...] = ()

    @property
    def people(self) -> frozenset[str]:
        """Give everybody who is needed."""
        return frozenset(who for signers in self.cast.values() for who, _ in signers)


Done: TypeAlias = frozenset[tuple[str, int | None] | str]


def staff(
    steps: Sequence[Step], colleagues: Sequence[Colleague], *, with_exceptions: bool
) -> Staffing:
    """Find the fewest colleagues who can do all steps in one case, or most of the steps.

    Args:
        steps: The steps of a process; each occurs in every case.
        colleagues: Who there is.
        with_exceptions: Whether one person may do what two should, where that can be made
            up for by a reason and the principal's signature.
    """
    lacking = [step.key for step in steps if _able(step, colleagues) < step.signatures]
    rest = [step for step in steps if step.key not in lacking]
    for count in range(_MOST_LEFT_OUT + 1):
        for without in combinations(rest, count):
            kept = [step for step in rest if step not in without]
            cast = _fewest(kept, colleagues, with_exceptions=with_exceptions)
            if cast is not None:
                left_out = (*lacking, *(step.key for step in without))
                return Staffing(cast, left_out)
    return Staffing({}, tuple(step.key for step in steps))


def anybody(steps: Iterable[Step]) -> tuple[Colleague, ...]:
    """Give people who hold every role everywhere, as many as steps could ever need."""
    known = tuple(steps)
    can = {step.key: step.roles for step in known}
    return tuple(
        Colleague(f"{number}", can) for number in range(sum(step.signatures for step in known))
    )


def merged(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Put steps together that ask for the same people: the same ones can do them all."""
    named = {key for step in steps for key in step.apart_from}
    found: dict[tuple[object, ...], Step] = {}
    for step in steps:
        alone = step.key if step.key in named else None
        alike = (step.roles, step.rung, step.apart_from, alone)
        before = found.get(alike)
        if before is None or before.signatures < step.signatures:
            found[alike] = step
    return tuple(found.values())


def _able(step: Step, colleagues: Sequence[Colleague]) -> int:
    return sum(bool(each.can.get(step.key)) for each in colleagues)


def _fewest(
    steps: Sequence[Step], colleagues: Sequence[Colleague], *, with_exceptions: bool
) -> Mapping[str, tuple[tuple[str, str], ...]] | None:
    ordered = sorted(steps, key=lambda step: (_able(step, colleagues) - step.signatures, step.key))
    least = max((step.signatures for step in steps), default=0)
    enough = min(len(colleagues), sum(step.signatures for step in steps))
    for most in range(least, enough + 1):
        search = _Search(ordered, colleagues, most, with_exceptions)
        if search.fill(0, 0):
            return {key: tuple(signers) for key, signers in search.cast.items()}
    return None if steps else {}


@dataclass(slots=True)
class _Search:
    steps: Sequence[Step]
    colleagues: Sequence[Colleague]
    most: int
    with_exceptions: bool
    cast: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    done: dict[int, Done] = field(default_factory=dict)
    hopeless: set[tuple[object, ...]] = field(default_factory=set)
    kinds: list[int] = field(init=False)
    named: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        abilities = [tuple(sorted(each.can.items())) for each in self.colleagues]
        self.kinds = [abilities.index(each) for each in abilities]
        self.named = frozenset(key for step in self.steps for key in step.apart_from)

    def fill(self, at: int, signed: int) -> bool:
        """Fill the steps from one on, whose first signatures are given already."""
        if at == len(self.steps):
            return True
        step = self.steps[at]
        if signed == step.signatures:
            return self.fill(at + 1, 0)
        here = self._state(at, step)
        if here in self.hopeless:
            return False
        for who, role in self._choices(step):
            before = self.done.get(who)
            self.done[who] = (before or frozenset()) | self._noted(step, role)
            self.cast.setdefault(step.key, []).append((self.colleagues[who].id, role))
            if self.fill(at, signed + 1):
                return True
            self.cast[step.key].pop()
            if before is None:
                del self.done[who]
            else:
                self.done[who] = before
        self.hopeless.add(here)
        return False

    def _state(self, at: int, step: Step) -> tuple[object, ...]:
        signers = {who for who, _ in self.cast.get(step.key, ())}
        people = sorted(
            (self.kinds[who], self.colleagues[who].id in signers, sorted(map(str, done)))
            for who, done in self.done.items()
        )
        return (at, *map(str, people))

    def _choices(self, step: Step) -> Iterator[tuple[int, str]]:
        signers = {who for who, _ in self.cast.get(step.key, ())}
        tried = set[int]()
        on_case = sorted(self.done)
        others = [who for who in range(len(self.colleagues)) if who not in self.done]
        for who in (*on_case, *(others if len(self.done) < self.most else ())):
            colleague = self.colleagues[who]
            if colleague.id in signers:
                continue
            if who not in self.done:
                if self.kinds[who] in tried:
                    continue
                tried.add(self.kinds[who])
            for role in colleague.can.get(step.key, ()):
                if self._goes_together(step, role, self.done.get(who, frozenset())):
                    yield who, role

    def _noted(self, step: Step, role: str) -> Done:
        noted: set[tuple[str, int | None] | str] = set()
        if forbidden_with(role):
            noted.add((role, step.rung))
        if step.key in self.named or step.apart_from:
            noted.add(step.key)
        return frozenset(noted)

    def _goes_together(self, step: Step, role: str, done: Done) -> bool:
        for each in done:
            if isinstance(each, str):
                if each in step.apart_from or step.key in self._apart_from(each):
                    return False
            elif each[0] in forbidden_with(role) and not self._made_up_for(step, role, each):
                return False
        return True

    def _apart_from(self, key: str) -> frozenset[str]:
        return next((step.apart_from for step in self.steps if step.key == key), frozenset())

    def _made_up_for(self, step: Step, role: str, other: tuple[str, int | None]) -> bool:
        """Judge a pair on the higher rung: a case climbs, so that act is the later one."""
        if not self.with_exceptions:
            return False
        rung = max(step.rung or 0, other[1] or 0)
        return can_be_made_up_for(role, other[0], rung, _LIGHT_CLASS)

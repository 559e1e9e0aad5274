"""One case in our engine, in the referee's game and in plain SpiffWorkflow, step by step."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping

from tests.support.plain_spiff import PlainCase, repeats
from tests.support.random_diagrams import random_facts
from tests.support.token_game import TokenGame
from tests.support.token_pieces import Played, Refused
from tests.support.walks import open_triggers
from workflows.domain.steps import FactValue, Step, Trigger, TriggerType
from workflows.engine import Definition, execution, step
from workflows.engine.errors import (
    DecisionAmbiguous,
    DecisionUndecided,
    NoFlowTaken,
    StepBudgetExceeded,
    UncaughtError,
    UnsafeMarking,
)
from workflows.engine.parameters import TermUnknown

# Facts drawn at random need not fit together; such a step is not taken.
_UNFIT = (DecisionAmbiguous, DecisionUndecided, TermUnknown)
_REFUSALS = (NoFlowTaken, StepBudgetExceeded, UncaughtError, UnsafeMarking)


def walk(
    definition: Definition, chance: random.Random, longest: int, *, beside_plain: bool = False
) -> int:
    """Walk until the case ends or is refused, comparing after each step.

    Returns:
        The number of steps that were taken.
    """
    case = _Case(definition, beside_plain)
    trigger = execution.START
    for walked in range(longest):
        if not case.take(trigger, chance):
            return walked
        choices = case.choices()
        if not choices:
            return walked + 1
        trigger = chance.choice(choices)
    return longest


class _Case:
    """The same case everywhere."""

    def __init__(self, definition: Definition, beside_plain: bool) -> None:
        self._definition = definition
        self._beside_plain = beside_plain
        self._marking = ""
        self._game: TokenGame | None = None
        self._plain: PlainCase | None = None

    def choices(self) -> list[Trigger]:
        """Give what may happen next, in an order of its own."""
        return sorted(
            (
                each
                for each in open_triggers(self._definition, self._marking)
                if not (self._beside_plain and repeats(self._definition, each))
            ),
            key=lambda each: (each.path, each.type),
        )

    def take(self, trigger: Trigger, chance: random.Random) -> bool:
        """Take a step everywhere on facts that fit; False where the case cannot go on."""
        for _ in range(100):
            facts = random_facts(chance, self._definition.pack.facts)
            try:
                taken = step(self._definition, self._marking, trigger, facts)
            except _UNFIT:
                continue
            except _REFUSALS as refused:
                self._compare_refusal(refused, trigger, facts)
                return False
            self._compare(taken, trigger, facts)
            self._marking = taken.marking
            return True
        return False

    def _compare(self, taken: Step, trigger: Trigger, facts: dict[str, FactValue]) -> None:
        in_spiff = execution.step(self._definition, self._marking, trigger, facts)
        _agree("the transition table", "a step", taken, in_spiff)
        game = self._play(trigger, facts)
        _agree("the referee", "what was done", game.played, _as_played(taken))
        self._compare_places("the referee", game, taken, facts)
        if self._beside_plain:
            plain = self._go_plainly(trigger, facts)
            self._compare_places("plain SpiffWorkflow", plain, taken, facts)

    def _compare_places(
        self, player: str, case: TokenGame | PlainCase, taken: Step, facts: dict[str, FactValue]
    ) -> None:
        stands = Counter(open_triggers(self._definition, taken.marking))
        _agree(player, "what is open", case.standing(), stands)
        _agree(player, "the end", case.ended, taken.ended)
        _agree(player, "the facts", dict(case.facts), facts | dict(taken.facts_written))

    def _compare_refusal(
        self, refused: Exception, trigger: Trigger, facts: dict[str, FactValue]
    ) -> None:
        by_game = None
        try:
            self._play(trigger, facts)
        except Refused as error:
            by_game = error.reason
        _agree("the referee", "a refusal", by_game, type(refused).__name__)
        if self._beside_plain and isinstance(refused, UnsafeMarking):
            stands = self._go_plainly(trigger, facts).standing()
            doubled = [each.path for each, count in stands.items() if count > 1]
            path = refused.attributes["path"]
            _agree("plain SpiffWorkflow", "two tokens", path if path in doubled else doubled, path)

    def _play(self, trigger: Trigger, facts: Mapping[str, FactValue]) -> TokenGame:
        if self._game is None:
            self._game = TokenGame(self._definition.pack, self._definition.process_id)
            self._game.begin(facts)
        else:
            self._game.move(trigger, facts)
        return self._game

    def _go_plainly(self, trigger: Trigger, facts: Mapping[str, FactValue]) -> PlainCase:
        if self._plain is None:
            self._plain = PlainCase(self._definition, facts)
        else:
            self._plain.move(trigger, facts)
        return self._plain


def _agree(player: str, what: str, theirs: object, ours: object) -> None:
    assert theirs == ours, f"{player} differs in {what}:\ntheirs {theirs}\nours   {ours}"


def _triggers(kind: TriggerType, paths: Iterable[str]) -> list[Trigger]:
    return [Trigger(kind, path) for path in paths]


def _as_played(taken: Step) -> Played:
    """Tell a step in the referee's words."""
    opened = _triggers(TriggerType.TASK, (task.path for task in taken.opened))
    armed = _triggers(TriggerType.CLOCK, (clock.path for clock in taken.armed))
    closed = _triggers(TriggerType.TASK, taken.closed)
    cancelled = _triggers(TriggerType.CLOCK, taken.cancelled)
    return Played(
        trace=list(taken.trace),
        opened=Counter([*opened, *armed]),
        closed=Counter([*closed, *cancelled]),
        operations=[call.path for call in taken.operations],
        thrown=list(taken.thrown),
        outcome=taken.outcome,
    )

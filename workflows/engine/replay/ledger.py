"""The terms of a case's clocks, kept through all its records: what their dates are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from workflows.domain.clocks import Budget, ClockKind, Pause
from workflows.domain.entries import split_place
from workflows.domain.terms import Term


class KnownTerm(NamedTuple):
    """A clock's term and its pauses.

    ``is_certain`` is false where a payload is missing that may have told more of them.
    """

    place: str
    rule: str
    term: Term
    pauses: tuple[Pause, ...] = ()
    is_certain: bool = True

    @property
    def is_paused(self) -> bool:
        """Say whether it stands still."""
        return any(pause.to_on is None for pause in self.pauses)

    def paused(self, on: date) -> KnownTerm:
        """Give it stopped from a day on."""
        return self._replace(pauses=(*self.pauses, Pause(on, None, "", "")))

    def resumed(self, on: date) -> KnownTerm:
        """Give it running again from a day on."""
        ended = (
            pause
            if pause.to_on is not None
            else Pause(pause.from_on, max(on, pause.from_on), "", "")
            for pause in self.pauses
        )
        return self._replace(pauses=tuple(ended))

    def extended(self, days: int) -> KnownTerm:
        """Give it with so many days of extension in all."""
        term = self.term
        return self._replace(term=Term(term.anchor_on, term.budget, term.kind, days))


@dataclass(slots=True)
class Ledger:
    """The clocks of a case by ``path#n``, ended ones too.

    ``entered`` counts how often each clock's path was entered, ``series`` holds the budgets
    that the terms of a series were counted with from an anchor.
    """

    clocks: dict[str, KnownTerm] = field(default_factory=dict)
    entered: dict[str, int] = field(default_factory=dict)
    series: dict[tuple[str, date], set[int]] = field(default_factory=dict)

    def note(
        self,
        effects: Mapping[str, Any],
        done: Mapping[str, Any] | None,
        on: date,
        kinds: Mapping[str, ClockKind],
    ) -> None:
        """Take over what a record did to clocks.

        Args:
            effects: The record's.
            done: What its payload says was carried out; null where the payload is missing.
            on: The local day on which it happened.
            kinds: The kinds of the rules of clocks that it arms.
        """
        rearmed = (done or {}).get("rearmed", {})
        for armed in effects["armed"]:
            self._arm(armed, kinds[armed["rule"]], rearmed, is_certain=done is not None)
        for place in effects["paused"]:
            if place not in rearmed:
                self.clocks[place] = self.clocks[place].paused(on)
        for place in effects["resumed"]:
            self.clocks[place] = self.clocks[place].resumed(on)
        self._extend(effects["moved"], done)

    def terms_counted(self, path: str, anchor: object) -> int:
        """Count the terms of a series that were counted from the same anchor before."""
        if not isinstance(anchor, str):
            return 0
        return len(self.series.get((path, date.fromisoformat(anchor)), ()))

    def _arm(
        self,
        armed: Mapping[str, Any],
        kind: ClockKind,
        rearmed: Mapping[str, str],
        *,
        is_certain: bool,
    ) -> None:
        place = armed["clock"]
        path, n = split_place(place)
        anchor_on = date.fromisoformat(armed["anchor_on"])
        term = Term(anchor_on, Budget.of(armed["budget"], armed["unit"]), kind)
        known = KnownTerm(place, armed["rule"], term, is_certain=is_certain)
        old = self.clocks.get(rearmed.get(place, ""))
        if old is not None:
            known = known.extended(old.term.extension_days)._replace(
                pauses=old.pauses, is_certain=is_certain and old.is_certain
            )
        self.clocks[place] = known
        self.entered[path] = max(n, self.entered.get(path, 0))
        self.series.setdefault((path, anchor_on), set()).add(armed["budget"])

    def _extend(self, moved: Any, done: Mapping[str, Any] | None) -> None:
        extended = (done or {}).get("extended", {})
        for each in moved:
            place = each["clock"]
            if done is None and each["why"] == "extension":
                self.clocks[place] = self.clocks[place]._replace(is_certain=False)
            elif place in extended:
                self.clocks[place] = self.clocks[place].extended(extended[place])

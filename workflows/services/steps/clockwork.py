"""Clocks as rows: the term and the pauses that one stands for (DESIGN 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workflows.domain.clocks import Budget, ClockKind, Pause
from workflows.domain.terms import Term


def term_of(row: Any) -> Term:
    """Read a clock's row as the term it was armed with."""
    budget = Budget.of(row.budget, row.unit)
    return Term(row.anchor_on, budget, ClockKind(row.kind), row.extension_days)


def pauses_of(rows: Sequence[Any], path: str, n: int) -> tuple[Pause, ...]:
    """Pick the pauses of one clock."""
    return tuple(
        Pause(row.from_on, row.to_on, row.reason, row.approver)
        for row in rows
        if row.path == path and row.n == n
    )

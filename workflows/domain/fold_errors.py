"""Why a record does not fit the case before it. Part of verify.py."""

from __future__ import annotations

from workflows.domain.journal_errors import JournalError


class FoldError(JournalError):
    """Case {id}, record {seq}: the record does not fit the state before it."""

    code = "fold_broken"


class OutOfOrder(FoldError):
    """Case {id}, record {seq}: expected is record {expected}."""

    code = "fold_out_of_order"


class MarkingDiffers(FoldError):
    """Case {id}, record {seq}: `{key}` is {found}, but the marking is {expected}."""

    code = "fold_marking_differs"


class TaskDiffers(FoldError):
    """Case {id}, record {seq}: task {task} is {key}, but {reason}."""

    code = "fold_task_differs"


class ClockDiffers(FoldError):
    """Case {id}, record {seq}: clock {clock} is {key}, but {reason}."""

    code = "fold_clock_differs"


class FactDiffers(FoldError):
    """Case {id}, record {seq}: fact {fact} was {expected}, but the payload says {found}."""

    code = "fold_fact_differs"


class NotUndoable(FoldError):
    """Case {id}, record {seq}: record {about} cannot be undone, because {reason}."""

    code = "fold_not_undoable"


class NotWithdrawable(FoldError):
    """Case {id}, record {seq}: record {about} cannot be withdrawn, because {reason}."""

    code = "fold_not_withdrawable"


class AfterEnd(FoldError):
    """Case {id}, record {seq}: the case has ended and moves no more."""

    code = "fold_after_end"


class StateDiffers(JournalError):
    """Case {id}: the records give {key} as {expected}, but the state line says {found}."""

    code = "state_differs"

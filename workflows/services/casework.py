"""The public face of case work: what pages, commands and jobs call."""

from workflows.services.beside import OpenedBeside, open_beside
from workflows.services.cosigning import co_sign, refuse_co_sign
from workflows.services.forms import ValidationFailed
from workflows.services.messages import send_message
from workflows.services.opening import OpenedMatter, open_matter
from workflows.services.paper import PaperAct
from workflows.services.pausing import pause, resume
from workflows.services.tasks import (
    CaseNotOpen,
    Completed,
    TaskAlreadyDone,
    TaskHeld,
    claim,
    complete,
    reassign,
    release,
)

__all__ = [
    "CaseNotOpen",
    "Completed",
    "OpenedBeside",
    "OpenedMatter",
    "PaperAct",
    "TaskAlreadyDone",
    "TaskHeld",
    "ValidationFailed",
    "claim",
    "co_sign",
    "complete",
    "open_beside",
    "open_matter",
    "pause",
    "reassign",
    "refuse_co_sign",
    "release",
    "resume",
    "send_message",
]

"""The public face of case work: what pages, commands and jobs call."""

from workflows.services.steps.beside import OpenedBeside, open_beside
from workflows.services.steps.cosigning import co_sign, refuse_co_sign
from workflows.services.steps.forms import ValidationFailed
from workflows.services.steps.messages import send_message
from workflows.services.steps.paper import PaperAct
from workflows.services.steps.pausing import pause, resume
from workflows.services.steps.tasks import (
    CaseNotOpen,
    Completed,
    TaskAlreadyDone,
    TaskHeld,
    claim,
    complete,
    reassign,
    release,
)
from workflows.services.tracks.registering import OpenedMatter, open_matter

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

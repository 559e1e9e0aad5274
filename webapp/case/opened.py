"""The one form that is open on the page of a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from webapp.case.cards import TaskCard
from webapp.case.forms import PaperForm
from webapp.case.wording import Wording
from webapp.forms.packs import PackForm


@dataclass(slots=True)
class OpenForm:
    """The form that is open on the page: of a task, of a message, from paper or late.

    ``signed`` is what the first of two signers put his name to, ``reviewed`` what a review
    of consequences has to look at; None for all other forms.
    """

    heading: str
    action: str
    form: PackForm | None
    card: TaskCard | None = None
    paper: PaperForm | None = None
    draft_url: str = ""
    draft_at: datetime | None = None
    signer: str = ""
    signed: tuple[tuple[str, str], ...] = ()
    sign_url: str = ""
    problem: str = ""
    pair: str = ""
    reviewed: tuple[str, ...] | None = None
    suggest_url: str = ""
    preview_url: str = ""
    suggested: Mapping[str, str] = field(default_factory=dict)
    wording: Wording | None = None

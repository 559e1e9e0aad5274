"""Doing something on a page whose next page tells what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import flash

from webapp.forms.refusals import send_back
from webapp.words.errors import explain, sentence_for
from webapp.work import Work
from workflows.domain.errors import Conflict, DubanError, InvalidInput, NotAllowed

# What people can do something about themselves; the rest is an error page.
REFUSALS = (InvalidInput, NotAllowed, Conflict)


@dataclass(slots=True)
class Outcome:
    """What becomes of something that is being tried: the sentence for when it was done."""

    said: str


@contextmanager
def tell_outcome(
    work: Work, said: str = "", refused: tuple[type[DubanError], ...] = REFUSALS
) -> Iterator[Outcome]:
    """Do something whole or not at all, and say on the next page that it was done.

    Refused, the form that was sent comes back, with why (`webapp.forms.refusals`).

    Args:
        work: The transaction of the page; what is refused leaves it as it was.
        said: The sentence; what is done may give another one.
        refused: The errors that are told there; all others go on.
    """
    outcome = Outcome(said)
    try:
        with work.session.begin_nested():
            yield outcome
    except refused as error:
        send_back(explain(error), sentence_for(error).status)
    else:
        flash(outcome.said, "success")

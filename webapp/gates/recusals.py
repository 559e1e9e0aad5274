"""The door of a case: closed to who is recused, or has not declared yet (DOMAIN 3.4)."""

from __future__ import annotations

from webapp.work import Work
from workflows.domain.levels import INTERNAL
from workflows.queries.tracks.recusals import level_seen
from workflows.services.recused import refuse_recused
from workflows.services.separation import doer_of
from workflows.services.tracks.recusal import DeclarationNeeded, declare_for_all, has_declared


def open_door(work: Work, case_id: str) -> None:
    """Let a visitor to the pages of a case, before anything of it is read for him.

    Raises:
        Recused, RecusalPending: He keeps out of it.
        DeclarationNeeded: It is confidential, and he has not declared for it.
    """
    doer = doer_of(work.session, work.actor)
    refuse_recused(work.session, case_id, doer.accounts, doer.persons)
    if level_seen(work.session, case_id) not in (None, INTERNAL):
        ask_to_declare(work, case_id)


def enter_ticked(work: Work, case_id: str, *, is_free: bool) -> None:
    """Let a visitor act in a case that he ticked on a list, with one declaration for all of it.

    Raises:
        DeclarationNeeded: He has declared neither for the list nor for this case.
    """
    if is_free:
        declare_for_all(work.session, work.actor, work.now, case_id)
    ask_to_declare(work, case_id)


def ask_to_declare(work: Work, case_id: str) -> None:
    """Ask for a visitor's declaration, where a case in his scope has none of him.

    Raises:
        DeclarationNeeded: With the case, for the way to the form.
    """
    seen = level_seen(work.session, case_id) is not None
    if seen and not has_declared(work.session, work.actor, case_id):
        raise DeclarationNeeded(case=case_id)

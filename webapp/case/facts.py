"""What is known of a case, and the ladder of its matter, as its page writes them."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for

from webapp.case.ladder import LadderCase, Step, climb
from webapp.words.clocks import colour_of
from webapp.words.packs import PackWords
from webapp.work import Work
from workflows.domain.weak_lax import FACT, Determination
from workflows.queries.case.matter_page import CaseLine
from workflows.queries.case.page import CasePage
from workflows.queries.case.timeline import corrected_facts
from workflows.services.secrecy.clearance import readable_facts


class KnownFact(NamedTuple):
    """Something known of a case, and the record that corrected it to that."""

    label: str
    value: str
    corrected_by: int | None = None


def facts_of(
    work: Work, page: CasePage, speak: PackWords, levels: frozenset[str]
) -> tuple[KnownFact, ...]:
    """Write what is known of a case and may be read, in the order of its pack's declarations."""
    readable = readable_facts(page.definition.pack, page.facts, levels)
    corrected = {
        name: seq
        for name, (seq, value) in corrected_facts(
            work.session, page.case.id, page.case.version
        ).items()
        if readable.get(name) == value
    }
    return tuple(
        KnownFact(speak.fact(name), speak.value(name, readable[name]), corrected.get(name))
        for name in page.definition.pack.facts
        if readable.get(name) not in (None, "", []) and _applies(name, page)
    )


def _applies(name: str, page: CasePage) -> bool:
    """Say whether a fact says anything of a case: a label that nobody spoke of does not."""
    grounds = page.facts.get("grounds")
    is_spoken_of = isinstance(grounds, list) and "weak_lax" in grounds
    return name != FACT or is_spoken_of or page.matter.determination != Determination.REPORTED


def ladder_of(
    lines: tuple[CaseLine, ...], current_id: str | None = None, as_of: str | None = None
) -> tuple[Step, ...]:
    """Put the cases of a matter on the ladder, each with its address, as of a moment if given."""
    return climb(
        LadderCase(
            number=line.case.number,
            subject=line.subject,
            url=url_for("cases.page", case_id=line.case.id, as_of=as_of),
            rung=line.case.rung,
            colour="done" if line.case.state == "ended" else colour_of(line.light),
            due_on=line.due_on if line.case.state == "open" else None,
            has_ended=line.case.state == "ended",
            is_current=line.case.id == current_id,
            passed=line.passed,
        )
        for line in lines
    )

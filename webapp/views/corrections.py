"""Correcting what a record wrote, and ending a review of what that would have changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for

from webapp.case.forms import facts_form, is_search
from webapp.case.screen import Screen
from webapp.case.story import story_of
from webapp.forms.given import given_text
from webapp.forms.packs import PackForm, errors_of
from webapp.forms.refusals import send_back
from webapp.gates.permissions import Permission, requires
from webapp.sayings import gettext
from webapp.views.cases import taken_page
from webapp.words.corrections import readable_consequences
from webapp.words.errors import explain, sentence_for
from webapp.words.packs import PackWords
from webapp.work import Work, in_transaction
from workflows.domain.errors import Conflict, InvalidInput, NotAllowed
from workflows.domain.reviews import REVIEW, ReviewFinding
from workflows.engine.forms import FieldKind, Typed
from workflows.queries.case.timeline import readable_timeline, timeline_of
from workflows.queries.names import names_of
from workflows.services.corrections.correcting import correct, correctable, plan_correction
from workflows.services.corrections.corrigible import Correctable, Plan, Wanted
from workflows.services.corrections.reviewing import finish_review
from workflows.services.steps.forms import ValidationFailed

blueprint = Blueprint("corrections", __name__, url_prefix="/cases")
_ADDRESS = "/<case_id>/records/<int:seq>/correct"


@blueprint.get(_ADDRESS)
@requires(Permission.CASES)
@in_transaction
def form(work: Work, case_id: str, seq: int) -> Any:
    """Show what of a record may be corrected, filled in with what stands."""
    desk = _Desk.of(work, case_id, seq)
    return desk.show(desk.found.seen)


@blueprint.post(_ADDRESS)
@requires(Permission.CASES)
@in_transaction
def save(work: Work, case_id: str, seq: int) -> Any:
    """Say what a correction would mean, or save it."""
    desk = _Desk.of(work, case_id, seq)
    seen = request.form.get("_seen", 0, type=int)
    if is_search() or desk.form is None:
        return desk.show(seen)
    wanted = Wanted(
        seq,
        _typed(desk.form, desk.found),
        request.form.get("_reason", ""),
        seen,
        given_text("_document"),
    )
    try:
        if request.form.get("act") != "save":
            plan = plan_correction(work.session, work.actor, work.now, case_id, wanted)
            return desk.show(seen, plan=plan)
        with work.session.begin_nested():
            done = correct(work.session, work.actor, work.now, case_id, wanted)
    except ValidationFailed as error:
        desk.form.take_errors(errors_of(error))
        return desk.show(seen, 422)
    except (InvalidInput, NotAllowed, Conflict) as error:
        send_back(desk.explain(error), sentence_for(error).status)
        return desk.show(seen)
    if done.seq is None:
        flash(gettext("更正已录入，待第二人确认后生效。"), "success")
    else:
        flash(gettext("已更正，见第 %(seq)s 条记录。", seq=done.seq), "success")
    if done.has_review:
        flash(gettext("有判断会因此不同，已产生待办“核查后果”。"), "info")
    return redirect(url_for("cases.page", case_id=case_id))


@blueprint.post("/<case_id>/reviews/<int:n>")
@requires(Permission.CASES)
@in_transaction
def finish(work: Work, case_id: str, n: int) -> Any:
    """End a review of consequences with what it came to."""
    screen = Screen.of(work, case_id)
    card = screen.card(REVIEW, n)
    if card is None:
        return taken_page(work, screen, REVIEW, n)
    finding, reason = request.form.get("finding", ""), request.form.get("reason", "")
    try:
        with work.session.begin_nested():
            finish_review(work.session, work.actor, work.now, case_id, n, finding, reason)
    except (InvalidInput, NotAllowed, Conflict) as error:
        opened = screen.task_form(card)
        opened.problem = explain(error)
        return screen.show(opened, sentence_for(error).status)
    flash(gettext("已办结“%(task)s”。", task=card.name), "success")
    if finding == ReviewFinding.WITHDRAW:
        flash(gettext("请按“补录”办理撤回：由一人录入，另一人确认。"), "info")
    return redirect(url_for("cases.page", case_id=case_id))


@dataclass(slots=True)
class _Desk:
    """The page of a correction."""

    work: Work
    screen: Screen
    seq: int
    found: Correctable
    speak: PackWords
    form: PackForm | None

    @classmethod
    def of(cls, work: Work, case_id: str, seq: int) -> _Desk:
        """Read what may be corrected; who may not is told so by the services."""
        screen = Screen.of(work, case_id)
        found = correctable(work.session, work.actor, work.now, case_id, seq)
        pack = found.about.definition.pack
        made = None
        if found.fields:
            made = facts_form(
                work, pack, found.schema, org_path=screen.page.case.org_path, facts=found.values
            )
        texts = [str(value) for value in found.values.values()]
        names = {**screen.speak.names, **names_of(work.session, texts)}
        return cls(work, screen, seq, found, PackWords(pack, names), made)

    def show(self, seen: int, status: int = 200, *, plan: Plan | None = None) -> Any:
        """Render the page."""
        page, speak = self.screen.page, self.speak
        told = self._told(plan)
        return make_response(
            render_template(
                "corrections/form.html",
                page=page,
                case=page.case,
                seq=self.seq,
                title=self._title(),
                form=self.form,
                seen=seen,
                plan=plan,
                rewritten=[*self._rewritten()],
                stands=[
                    (speak.fact(each.key), speak.value(each.key, self.found.values[each.key]))
                    for each in self.found.fields
                ],
                **told,
            ),
            status,
        )

    def explain(self, error: InvalidInput | NotAllowed | Conflict) -> str:
        """Say what was refused, facts by their names, and what to do."""
        fact = error.attributes.get("fact")
        if isinstance(fact, str):
            error.attributes["fact"] = self.speak.fact(fact)
        return f"{explain(error)} {sentence_for(error).to_do}"

    def _told(self, plan: Plan | None) -> Mapping[str, Any]:
        if plan is None:
            return {"changes": (), "consequences": ()}
        names = names_of(self.work.session, [str(new) for _, new in plan.changes.values()])
        speak = PackWords(self.speak.pack, {**self.speak.names, **names})
        return {
            "changes": [
                (speak.fact(name), speak.value(name, old), speak.value(name, new))
                for name, (old, new) in plan.changes.items()
            ],
            "consequences": [
                *readable_consequences(plan.consequences, speak, self.screen.levels())
            ],
        }

    def _title(self) -> str:
        page, session = self.screen.page, self.work.session
        timeline = timeline_of(session, page.case.id, page.case.version, self.seq + 1)
        readable = readable_timeline(
            timeline, self.speak.pack, self.screen.levels(), self.work.actor
        )
        told = PackWords(self.speak.pack, {**self.speak.names, **readable.names})
        return story_of(readable, page.definition, told)[0].title

    def _rewritten(self) -> Iterator[str]:
        for name, later in self.found.rewritten.items():
            fact = self.speak.fact(name)
            if later:
                yield gettext(
                    "“%(fact)s”后来又由第 %(seq)s 条写入，请更正那一条。", fact=fact, seq=later
                )
            else:
                yield gettext("“%(fact)s”后来由规则推算得出，不能直接更正。", fact=fact)


def _typed(form: PackForm, found: Correctable) -> dict[str, Typed]:
    """Give what came in; a box that was left empty comes as no."""
    typed: dict[str, Typed] = dict(form.typed())
    for each in found.fields:
        if each.kind is FieldKind.CHECKBOX:
            typed.setdefault(each.key, "false")
    return typed

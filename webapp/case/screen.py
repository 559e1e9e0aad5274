"""Putting the page of a case together, with the one form that is open on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from webapp.case.allowed import (
    may_confirm,
    may_correct,
    may_decide_stopped,
    may_enter_late,
    may_enter_pause,
    may_pause,
)
from webapp.case.beside import neighbour_lines, offer_lines, renewal_lines
from webapp.case.cards import Awaited, TaskCard, awaited, card_at, task_cards
from webapp.case.desk import desk_of
from webapp.case.facts import facts_of, ladder_of
from webapp.case.forms import PaperForm, case_form, paper_form
from webapp.case.opened import OpenForm
from webapp.case.people import people_of
from webapp.case.picture import picture_of
from webapp.case.proposals import proposed_in
from webapp.case.story import story_of
from webapp.case.supervision import supervision_panel
from webapp.case.wording import wording_of
from webapp.dates import today_of
from webapp.forms.packs import PackForm
from webapp.forms.suggestions import suggestions
from webapp.gates.recusals import open_door
from webapp.words.clocks import case_colour, chain, clock_lines, has_escalated
from webapp.words.packs import PackWords
from webapp.work import Work, note_look
from workflows.domain.errors import NotFound
from workflows.domain.levels import CLUES
from workflows.domain.reviews import REVIEW
from workflows.engine.forms import FormSchema
from workflows.queries.case.beside import other_of
from workflows.queries.case.matter_page import case_lines
from workflows.queries.case.page import (
    CasePage,
    Paper,
    case_page,
    entered_places,
    firings_of,
    late_candidates,
)
from workflows.queries.case.timeline import readable_timeline, timeline_of, whole_timeline
from workflows.queries.names import names_of
from workflows.queries.organisations.finding import colleagues_for, likely_people
from workflows.queries.papers.documents import makes_documents
from workflows.services.desk.drafts import draft_of
from workflows.services.packs import current_pack
from workflows.services.secrecy.clearance import (
    cleared_levels,
    closed_to,
    levels_of,
    may_export,
)
from workflows.services.secrecy.interventions import lines_on
from workflows.services.secrecy.looking import Looked
from workflows.services.steps.beside import opening_facts, opening_for
from workflows.services.steps.paper import is_own_step
from workflows.services.steps.signing import signed_values

SWEEP = "system:sweep"


@dataclass(frozen=True, slots=True)
class Screen:
    """A case that was read for this request, and what its pack calls things."""

    work: Work
    page: CasePage
    speak: PackWords

    @classmethod
    def of(cls, work: Work, case_id: str, looked: Looked = Looked.CASE, detail: str = "") -> Screen:
        """Read a case for a page of it, and note what its visitor looks at.

        Raises:
            NotFound: There is no such case in the visitor's scope.
            Recused, RecusalPending, DeclarationNeeded: It is not open to him.
        """
        open_door(work, case_id)
        note_look(looked, case_id, detail)
        return cls.about(work, case_page(work.session, case_id, work.today))

    @classmethod
    def unnoted(cls, work: Work, case_id: str) -> Screen:
        """Read a case as `of` does; that it was looked at is for the caller to keep."""
        open_door(work, case_id)
        return cls.about(work, case_page(work.session, case_id, work.today))

    @classmethod
    def about(cls, work: Work, page: CasePage) -> Screen:
        """Take a case that was read, with the names behind the ids on it."""
        ids: set[str | None] = {row.approver for row in page.pauses}
        ids |= {entry.entered_by for entry in page.waiting}
        ids |= {entry.performed_by for entry in page.waiting}
        ids |= {str(value) for entry in page.waiting for value in entry.values.values()}
        for value in page.facts.values():
            several = value if isinstance(value, list) else [value]
            ids |= {each for each in several if isinstance(each, str)}
        names = names_of(work.session, ids)
        return cls(work, page, PackWords(page.definition.pack, names))

    def levels(self) -> frozenset[str]:
        """Give the levels of content that the viewer may read in this case."""
        case = self.page.case
        return cleared_levels(self.work.actor, case.org_path, case.level)

    def level_of(self, form: PackForm | None) -> str:
        """Give how confidential the files are that come with a form."""
        return max(self.page.case.level, form.level() if form else "L1")

    def papers(self) -> tuple[Paper, ...]:
        """Give the files that the viewer may read."""
        levels = self.levels()
        return tuple(paper for paper in self.page.papers if paper.level in levels)

    def cards(self) -> tuple[TaskCard, ...]:
        """Make the cards of the open tasks, those that the viewer may do first."""
        return task_cards(self.page, self.work, self.speak)

    def card(self, path: str, n: int) -> TaskCard | None:
        """Make the card of an open task."""
        return card_at(self.cards(), path, n)

    def task_form(
        self, card: TaskCard, *, on_paper: bool = False, values: Mapping[str, Any] | None = None
    ) -> OpenForm:
        """Open the form of a task: his draft, else what the first signer signed, else the known."""
        path, n = card.address["path"], card.address["n"]
        session, case = self.work.session, self.page.case
        if path == REVIEW:
            return self._review_form(card)
        activity = self.page.definition.activity(path)
        draft = draft_of(session, self.work.actor.account_id, case.id, card.place)
        first = self._signed(card) if activity.signatures > 1 else None
        start = values or (draft[0] if draft else None) or (first[1] if first else None)
        opened = OpenForm(
            heading=card.name,
            action=url_for("tasks.paper" if on_paper else "tasks.complete", **card.address),
            form=self._pack_form(activity.form, start, is_first=n == 1),
            card=card,
            draft_url=url_for("tasks.draft", **card.address),
            draft_at=draft[1] if draft else None,
        )
        schema = self.speak.pack.forms.get(activity.form or "")
        opened.wording = wording_of(self.work, self.speak, schema, card)
        found = suggestions(self.speak, schema, _typed(schema, start), self.page.facts)
        opened.suggested = {each.key: each.value for each in found}
        if opened.suggested:
            opened.suggest_url = url_for("tasks.suggest", **card.address)
        if on_paper:
            opened.paper = self._paper(activity.roles, card.office)
        elif makes_documents(self.speak.pack, activity.id, self.levels()):
            opened.preview_url = url_for("previews.page", **card.address)
        if first is not None:
            speak = PackWords(self.speak.pack, names_of(session, [first[0], *_texts(first[1])]))
            opened.signer = speak.person(first[0])
            opened.signed = tuple(speak.filled(activity.form, first[1]))
            opened.sign_url = url_for("tasks.sign", **card.address)
        return opened

    def _review_form(self, card: TaskCard) -> OpenForm:
        """Open the form that ends a review, with what corrections since it opened say."""
        case, opened = self.page.case, self.page.task(REVIEW, card.address["n"])
        since = opened.row.opened_seq - 1 if opened else 0
        found = whole_timeline(self.work.session, case.id, after=since)
        readable = readable_timeline(found, self.speak.pack, self.levels(), self.work.actor)
        told = PackWords(self.speak.pack, {**self.speak.names, **found.names})
        events = story_of(readable, self.page.definition, told)
        return OpenForm(
            heading=card.name,
            action=url_for("corrections.finish", case_id=case.id, n=card.address["n"]),
            form=None,
            card=card,
            reviewed=tuple(line for event in events for line in event.consequences),
        )

    def _signed(self, card: TaskCard) -> tuple[str, Mapping[str, Any]] | None:
        """Give what the first signed, to those who may sign next or may read it anyhow."""
        path, n = card.address["path"], card.address["n"]
        first = signed_values(self.work.session, self.page.case.id, path, n)
        if first is None or card.may_do:
            return first
        pack = self.page.definition.pack
        needed = levels_of(pack, {"form": first[1]})
        if closed_to(pack, {"form": first[1]}, self.levels())["form"] != first[1]:
            return None
        return first if card.may_paper and self.levels() >= needed else None

    def message_form(self, awaited: Awaited, *, on_paper: bool = False) -> OpenForm:
        """Open the form of something that the case waits for."""
        event = self.page.definition.message(awaited.path)
        endpoint = "case_acts.send_paper" if on_paper else "case_acts.send"
        opened = OpenForm(
            heading=awaited.name,
            action=url_for(endpoint, case_id=self.page.case.id, path=awaited.path),
            form=self._pack_form(event.form, None, is_first=True),
        )
        if on_paper:
            opened.paper = self._paper(event.roles, "")
        return opened

    def beside_form(self, process: str, *, on_paper: bool = False) -> OpenForm:
        """Open the form that opens a case beside this one, under today's pack.

        Raises:
            NotFound: Nothing of the kind is opened beside such a case, or not by the viewer.
        """
        session, work, case = self.work.session, self.work, self.page.case
        pack, other = current_pack(session, work.today), other_of(session, self.page)
        opening = opening_for(session, work.actor, pack, process, other, on_paper=on_paper)
        endpoint = "beside.begin_paper" if on_paper else "beside.begin"
        opened = OpenForm(
            heading=PackWords(pack, {}).process(process),
            action=url_for(endpoint, case_id=case.id, process=process),
            form=None,
        )
        if on_paper:
            opened.paper = self._paper(opening.roles, "")
        if opening.form is not None:
            on = opened.paper.acted_on.data if opened.paper else None
            facts = opening_facts(session, pack, opening, other, on or work.today)
            opened.form = case_form(
                work, pack, opening.form, org_path=case.org_path, facts=facts, is_first=True
            )
        return opened

    def late_form(self, path: str, n: int) -> OpenForm:
        """Open the form of a task that a deadline closed, for an act that came in time.

        Raises:
            NotFound: No deadline closed such a task.
        """
        for closed_path, closed_n, activity_id in self.late_tasks():
            if (closed_path, closed_n) == (path, n):
                activity = self.page.definition.activity(path)
                return OpenForm(
                    heading=self.speak.activity(activity_id),
                    action=url_for("tasks.late", case_id=self.page.case.id, path=path, n=n),
                    form=self._pack_form(activity.form, None, is_first=n == 1),
                    paper=self._paper(activity.roles, ""),
                )
        raise NotFound(what="task", key=f"{path}#{n}")

    def late_tasks(self) -> tuple[tuple[str, int, str], ...]:
        """Give the tasks that deadlines closed, where the viewer may enter acts for them."""
        if not may_enter_late(self.page, self.work):
            return ()
        return late_candidates(self.work.session, self.page.case.id, SWEEP)

    def _pack_form(
        self, name: str | None, start: Mapping[str, Any] | None, *, is_first: bool
    ) -> PackForm | None:
        if name is None:
            return None
        return case_form(
            self.work,
            self.page.definition.pack,
            name,
            org_path=self.page.case.org_path,
            facts=self.page.facts,
            draft=start,
            is_first=is_first,
            person_id=self.page.case.subject_person_id,
        )

    def _paper(self, roles: tuple[str, ...], office: str) -> PaperForm:
        case = self.page.case
        people = likely_people(self.work.session, case.org_path, self.work.today)
        chosen = None
        if "R15" in roles and case.subject_person_id:
            chosen = case.subject_person_id
            people = likely_people(self.work.session, case.org_path, self.work.today, [chosen])
            if is_own_step(roles):  # nobody else acts in it
                people = tuple(each for each in people if each.id == chosen)
        elif office:
            of_office = [each.id for each in people if each.about.startswith(office)]
            chosen = of_office[0] if len(of_office) == 1 else None
        return paper_form(self.work, case.org_path, chosen, people)

    def awaited(self, path: str) -> Awaited:
        """Find something that the case waits for and that the viewer may bring.

        Raises:
            NotFound: The case does not wait for it, or it is not his to bring.
        """
        for each in awaited(self.page, self.work, self.speak):
            if each.path == path:
                return each
        raise NotFound(what="awaited message", key=path)

    def show(
        self,
        opened: OpenForm | None = None,
        status: int = 200,
        cards: tuple[TaskCard, ...] | None = None,
    ) -> Response:
        """Render the page; without a form the first task that the viewer may do is open.

        ``cards`` are those of the open tasks where they were made already and nothing was
        tried since.
        """
        work, page, speak = self.work, self.page, self.speak
        cards = self.cards() if cards is None else cards
        if opened is None and cards and cards[0].may_do:
            opened = self.task_form(cards[0])
        timeline = timeline_of(
            work.session, page.case.id, page.case.version, request.args.get("before", type=int)
        )
        levels = self.levels()
        timeline = readable_timeline(timeline, speak.pack, levels, work.actor)
        told = PackWords(speak.pack, {**speak.names, **timeline.names})
        links = chain(firings_of(work.session, page.case.id), page, work, speak)
        been = entered_places(work.session, page.case.id)
        picture, processes, process = picture_of(work, page, speak, been)
        pack = current_pack(work.session, work.today)
        return make_response(
            render_template(
                "cases/page.html",
                page=page,
                case=page.case,
                speak=speak,
                colour=case_colour(page),
                cards=cards,
                opened=opened,
                awaited=awaited(page, work, speak),
                offers=offer_lines(page, work, pack),
                neighbours=neighbour_lines(page, work, pack),
                renewals=renewal_lines(page, work),
                supervision=supervision_panel(page.case, work),
                desk=desk_of(work, page),
                approaches=lines_on(work.session, work.actor, page.case.id),
                papers=self.papers(),
                people=people_of(work, page.case.id),
                clocks=clock_lines(page, work, speak, speak.names),
                may_pause=may_pause(page, work),
                may_enter_pause=may_enter_pause(page, work),
                may_decide_stopped=may_decide_stopped(page, work),
                may_confirm=may_confirm(page, work),
                may_correct=may_correct(page, work),
                proposed=proposed_in(page, speak, levels),
                late_tasks=self.late_tasks(),
                chain=links,
                has_escalated=has_escalated(links),
                events=story_of(timeline, page.definition, told),
                total=timeline.total,
                picture=picture,
                processes=processes,
                process=process,
                steps=ladder_of(case_lines(work.session, page.matter.id, work.today), page.case.id),
                facts=facts_of(work, page, speak, levels),
                opened_on=today_of(page.case.opened_at),
                may_export=page.case.level != CLUES and may_export(work.actor, page.case.org_path),
                colleagues=self._colleagues(opened),
                me=work.actor.account_id,
            ),
            status,
        )

    def _colleagues(self, opened: OpenForm | None) -> tuple[Any, ...]:
        if opened is None or opened.card is None or not opened.card.may_reassign:
            return ()
        path, n = opened.card.address["path"], opened.card.address["n"]
        task = self.page.task(path, n)
        if task is None:
            return ()
        roles = task.row.roles.split()
        return colleagues_for(self.work.session, roles, task.office_path, self.work.today)


def _typed(schema: FormSchema | None, start: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give what stands in a form: what came in with this request, else what it starts with."""
    came = {key: request.form.getlist(key) for key in request.form} or dict(start or {})
    known = {each.key for each in (schema.fields if schema else ()) if each.is_input}
    return {key: value for key, value in came.items() if key in known}


def _texts(values: Mapping[str, Any]) -> list[str]:
    return [
        each
        for value in values.values()
        for each in (value if isinstance(value, list) else [value])
        if isinstance(each, str)
    ]

"""What lies ahead of a case, in officers' words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from webapp.languages import language
from webapp.sayings import gettext, listed
from webapp.words import labels
from webapp.words.filling import fillings_in_words
from webapp.words.packs import PackWords
from webapp.work import Work
from workflows.domain.steps import TriggerType
from workflows.engine import Definition
from workflows.queries.case.offices import place_of_case
from workflows.queries.case.outlook import Ahead, Branch, Fork, Road
from workflows.queries.case.page import CasePage
from workflows.services.offices import office_for

OfficeOf = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class RoadLine:
    """A deadline ahead and what it leads to; a mere reminder leads to nothing."""

    on: date
    fires_on: date
    text: str
    then: tuple[str, ...]
    provisional: bool
    leads_on: bool


@dataclass(frozen=True, slots=True)
class RoadView:
    """Where the clocks lead if nobody acts, and how that ends."""

    lines: tuple[RoadLine, ...]
    stopped: tuple[str, ...]
    end: str


@dataclass(frozen=True, slots=True)
class BranchView:
    """When something comes of a task, in alternatives, and what it is."""

    when: tuple[str, ...]
    then: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForkView:
    """A task or message with what may come of it."""

    name: str
    is_message: bool
    branches: tuple[BranchView, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """Tells what lies ahead; ``office_of`` names the office of a rule today."""

    definition: Definition
    speak: PackWords
    office_of: OfficeOf

    def road(self, road: Road) -> RoadView:
        """Tell what the clocks do if nobody acts."""
        return RoadView(
            lines=tuple(self._line(step) for step in road.steps),
            stopped=tuple(
                gettext("“%(rule)s”已暂停，恢复之前不会到期。", rule=self.speak.rule(clock.rule))
                for clock in road.stopped
            ),
            end=self._end(road),
        )

    def _line(self, step: Ahead) -> RoadLine:
        rule = self.speak.rule(step.clock.rule)
        due_of = (step.clock.due_of or "").partition("#")[0]
        of = self.speak.place(due_of) if due_of else ""
        if not of:
            said = gettext("“%(rule)s”期满", rule=rule)
        elif of == rule:
            said = gettext("“%(task)s”到期仍未办结", task=of)
        else:
            said = gettext("“%(rule)s”到期，“%(task)s”仍未办结", rule=rule, task=of)
        return RoadLine(
            on=step.on,
            fires_on=step.fires_on,
            text=said,
            then=tuple(self._then(step)),
            provisional=step.clock.due.provisional,
            leads_on=step.leads_on,
        )

    def _then(self, step: Ahead) -> Iterable[str]:
        if step.opened:
            yield gettext("转入%(tasks)s", tasks=listed(self.task(path) for path in step.opened))
        if step.closed:
            names = listed(f"“{self.speak.place(path)}”" for path in step.closed)
            yield gettext("%(tasks)s随之关闭", tasks=names)
        if step.ended:
            yield gettext("本案随之办结")
        if not step.leads_on:
            yield gettext("只作逾期提示，案件不往下走")

    def _end(self, road: Road) -> str:
        if road.ended:
            return gettext("到此本案办结。")
        tasks = listed(self.task(path) for path in road.open_at_end)
        if road.is_cut:
            return gettext("再往后的没有列出。等人办理的是：%(tasks)s", tasks=tasks)
        if not tasks:
            return gettext("到此没有计时再走，也没有待办的任务，等来件。")
        return gettext(
            "到此没有计时再走，只有人办理才会往下走：%(tasks)s。系统不替人作决定，也不会自行对个人采取措施。",
            tasks=tasks,
        )

    # ------------------------------------------------------ what may come of a task

    def fork(self, fork: Fork) -> ForkView:
        """Tell what may come of a task or message."""
        return ForkView(
            name=self.speak.place(fork.path),
            is_message=fork.trigger is TriggerType.MESSAGE,
            branches=tuple(self._branch(each, fork) for each in fork.branches),
        )

    def _branch(self, branch: Branch, fork: Fork) -> BranchView:
        when = (
            ()
            if fork.prospect is None
            else fillings_in_words(branch.typed, fork.prospect, self.speak)
        )
        return BranchView(when, tuple(self._comes(branch, fork.path)))

    def _comes(self, branch: Branch, own: str) -> Iterator[str]:
        if branch.opened:
            yield gettext("转入%(tasks)s", tasks=listed(self.task(path) for path in branch.opened))
        for path in branch.passed:
            yield gettext("随之“%(name)s”", name=self.speak.place(path))
        others = [path for path in branch.closed if path not in (own, *branch.opened)]
        if others:
            names = listed(f"“{self.speak.place(path)}”" for path in others)
            yield gettext("%(tasks)s随之关闭", tasks=names)
        for clock in branch.armed:
            yield gettext(
                "“%(rule)s”开始计时：%(budget)s",
                rule=self.speak.rule(clock.rule),
                budget=clock.budget.text(language()),
            )
        if branch.ended:
            yield gettext("本案随之办结")
        elif not branch.opened:
            yield gettext("不再另开任务")

    def step(self, step: Ahead) -> tuple[str, ...]:
        """Tell what one deadline leads to."""
        return tuple(self._then(step))

    def task(self, path: str) -> str:
        """Name a task with its office today, its roles and its rung."""
        activity = self.definition.activity(path)
        told = {
            "task": self.speak.place(path),
            "office": self.office_of(activity.office_rule or "subject"),
            "roles": listed(labels.role(role) for role in activity.roles),
            "rung": labels.rung(activity.rung),
        }
        if activity.rung:
            return gettext("“%(task)s”（%(rung)s；%(office)s：%(roles)s）", **told)
        return gettext("“%(task)s”（%(office)s：%(roles)s）", **told)


def outlook_of(work: Work, page: CasePage, speak: PackWords) -> Outlook:
    """Tell of a case, with the offices as they are today."""
    place = place_of_case(page)
    return Outlook(page.definition, speak, lambda rule: office_for(work.session, rule, place).name)

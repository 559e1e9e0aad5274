"""The shipped pack: its diagrams, its forms' effort, its scenarios."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from bpmn_io import BpmnModdle, check
from bpmn_io.lint import Linter
from bpmn_io.lint.resolver import NodeResolver
from lxml import etree

from tests.support.drawings import Drawing, faults
from tests.support.stepped import Case
from workflows.domain.steps import FactValue
from workflows.engine import Pack, load_pack
from workflows.engine.forms import FieldKind
from workflows.engine.lint import lint_pack

SHIPPED = Path(__file__).parents[2] / "bpmn" / "ladder"
DIAGRAMS = sorted(SHIPPED.glob("*.bpmn"), key=lambda path: path.name)
TYPED = (FieldKind.TEXTFIELD, FieldKind.TEXTAREA)
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
RECOMMENDED = {"extends": "bpmnlint:recommended"}
DUBAN = "{urn:duban:bpmn:1}"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(SHIPPED)


@pytest.fixture(params=DIAGRAMS, ids=lambda path: path.stem)
def diagram(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_the_linter_finds_nothing() -> None:
    assert lint_pack(SHIPPED) == ()


def test_a_diagram_opens_in_the_editor_without_a_warning(diagram: Path) -> None:
    report = check(diagram.read_text("utf-8"))
    assert (report.ok, report.errors, report.warnings) == (True, [], [])


def test_a_diagram_keeps_the_recommended_rules_of_bpmnlint(diagram: Path) -> None:
    root: Any = BpmnModdle().from_xml(diagram.read_text("utf-8")).root_element
    resolver: Any = NodeResolver()
    assert dict(Linter(resolver=resolver).lint(root, RECOMMENDED)) == {}


def test_a_diagram_is_drawn_without_overlaps(diagram: Path) -> None:
    assert list(faults(Drawing.read(diagram))) == []


def test_every_form_is_used_by_a_diagram(pack: Pack) -> None:
    used = {
        element.get(f"{DUBAN}form")
        for path in DIAGRAMS
        for element in etree.parse(path).iter()
        if element.get(f"{DUBAN}form")
    }
    assert used == set(pack.forms)


# ------------------------------------------------------------------ timers


def test_from_a_timer_only_people_are_reached() -> None:
    roots = {path.stem: etree.parse(path).getroot() for path in DIAGRAMS}
    reached = {name for root in roots.values() for name in after_timers(root, roots)}
    assert reached == {
        "operation count",
        "task letter1",
        "task letter2",
        "task principal_decides",
        "task guidance",
        "task follow_up",
        # The days for completing the papers of an appeal have passed: somebody examines it.
        "operation resume_clocks",
        "task accept_again",
    }


def after_timers(root: etree._Element, roots: Mapping[str, etree._Element]) -> Iterator[str]:
    """Give the tasks and operations that a timer reaches before anybody acted."""
    waiting = [
        event for event in root.iter() if event.find(f"{BPMN}timerEventDefinition") is not None
    ]
    seen: set[tuple[int, str]] = set()
    places = [(root, event.get("id", "")) for event in waiting]
    while places:
        where, source = places.pop()
        for flow in where.iter(f"{BPMN}sequenceFlow"):
            if flow.get("sourceRef") != source:
                continue
            target = where.find(f".//*[@id='{flow.get('targetRef')}']")
            assert target is not None
            place = (id(where), str(target.get("id")))
            if place in seen:
                continue
            seen.add(place)
            kind = etree.QName(target).localname
            if kind == "userTask":
                yield f"task {target.get('id')}"
                continue
            if kind == "serviceTask":
                yield f"operation {target.get(f'{DUBAN}operation')}"
            if kind == "callActivity":
                called = roots[str(target.get("calledElement"))]
                start = called.find(f"{BPMN}process/{BPMN}startEvent")
                assert start is not None
                places.append((called, str(start.get("id"))))
            else:
                places.append((where, str(target.get("id"))))


# ------------------------------------------------------------------ effort


def test_a_case_closed_in_time_takes_few_submits_and_little_typing(pack: Pack) -> None:
    script = scenario("c01")
    forms = list(submitted(pack, script))
    typed = [(form, key) for form, values in forms for key in typed_fields(pack, form, values)]
    assert len(forms) <= 16
    assert len(typed) <= 10
    assert len(forms) > 10


def test_a_fix_on_the_spot_takes_two_submits(pack: Pack) -> None:
    assert len(list(submitted(pack, scenario("immediate_fix")))) == 2


@pytest.mark.parametrize("form", ["letter1", "letter2"])
def test_a_letter_asks_for_no_text(pack: Pack, form: str) -> None:
    required = [field.kind for field in pack.forms[form].fields if field.is_required]
    assert required == [FieldKind.DATE]


def scenario(name: str) -> dict[str, Any]:
    return tomllib.loads((SHIPPED / "scenarios" / f"{name}.toml").read_text("utf-8"))


def submitted(pack: Pack, script: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Give each form that people hand in, with what they fill into it.

    A field that the page shows filled from a known fact counts only where it is changed.
    """
    facts = dict(script["start"]["facts"])
    yield "intake", facts
    for step in script["step"]:
        if "complete" not in step:
            continue
        form = form_of(pack, step["complete"])
        values = dict(step.get("form", {}))
        known = {field.key: facts.get(field.prefill or "") for field in pack.forms[form].fields}
        yield form, {key: value for key, value in values.items() if known.get(key) != value}
        facts |= {key: value for key, value in values.items() if key in pack.facts}


def form_of(pack: Pack, activity: str) -> str:
    for path in DIAGRAMS:
        element = etree.parse(path).find(f".//*[@id='{activity}']")
        if element is not None:
            return str(element.get(f"{DUBAN}form"))
    pytest.fail(f"no activity {activity}")


def typed_fields(pack: Pack, form: str, values: Mapping[str, Any]) -> list[str]:
    return [key for key in values if getattr(pack.forms[form].field(key), "kind", None) in TYPED]


# ------------------------------------------------------------------ acceptance and rework

VERIFIED: dict[str, FactValue] = {
    "finding": "substantiated",
    "weak_lax_determined": "no",
    "problem_weight": "serious",
    "entry_rung": "rectification",
}
RECTIFICATION = "call_rectification"


def rectify(case: Case, around: str, **acceptance: FactValue) -> None:
    """Report within a term and let the group accept or reject what was done."""
    work = f"{RECTIFICATION}/{around}/{around}_work"
    case.complete(f"{work}/call_implementation/report")
    case.complete(f"{work}/initial_acceptance", initial_outcome="passed")
    case.complete(f"{work}/acceptance_group", **acceptance)


def begin_term(case: Case, notice: str) -> None:
    served = {"served_on": "2026-03-02", "rework_served_on": "2026-04-01"}
    case.complete(f"{RECTIFICATION}/{notice}", plan_required="no", progress_required="no", **served)


def rejected_by_ballot(pack: Pack) -> Case:
    """Bring a case of class C to its first rework, by a ballot and its score."""
    case = Case(pack.processes["ladder"], disposition="procedure")
    case.complete("accept", acceptance="accept")
    case.complete("verify", **VERIFIED)
    begin_term(case, "notice")
    rectify(case, "term", acceptance_score=63, ballot="held", dissatisfied_percent=52)
    assert case.tasks == (f"{RECTIFICATION}/rework_notice",)
    return case


@pytest.mark.parametrize(
    "ballot,then",
    [
        ({"ballot": "not_held"}, "close_approval"),
        ({"ballot": "held", "dissatisfied_percent": 50}, "close_approval"),
        ({"ballot": "held", "dissatisfied_percent": 51}, "rework_notice"),
    ],
    ids=["none", "satisfied", "dissatisfied"],
)
def test_a_second_acceptance_is_not_judged_by_the_ballot_of_the_first(
    pack: Pack, ballot: dict[str, FactValue], then: str
) -> None:
    case = rejected_by_ballot(pack)
    begin_term(case, "rework_notice")
    rectify(case, "rework", acceptance_score=78, **ballot)
    assert case.tasks == (f"{RECTIFICATION}/{then}",)


def test_after_a_review_a_rejection_leads_to_rework_again(pack: Pack) -> None:
    case = rejected_by_ballot(pack)
    for _ in range(2):
        begin_term(case, "rework_notice")
        rectify(case, "rework", acceptance_score=63, ballot="not_held")
    assert case.tasks == ("call_escalation_review/review",)
    case.complete("call_escalation_review/review", cause_main="unable", review_outcome="extend")
    case.complete("call_review_followup/extend_after_review")
    begin_term(case, "notice")
    rectify(case, "term", acceptance_score=63, ballot="not_held")
    assert case.tasks == (f"{RECTIFICATION}/rework_notice",)
    assert case.facts["rework_count"] == 1

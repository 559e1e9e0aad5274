"""How nodes may be joined."""

from __future__ import annotations

import pytest

from tests.support.lint_packs import lint, rules, spoiled

ACCEPT = '<userTask id="accept" name="验收" duban:form="accept"/>'
W1 = '<sequenceFlow id="w1" sourceRef="work_begin" targetRef="accept"/>'
W2 = '<sequenceFlow id="w2" sourceRef="accept" targetRef="work_end"/>'
END = '<endEvent id="work_end" name="工作结束"/>'


def flow(number: int, source: str, target: str) -> str:
    return f'<sequenceFlow id="x{number}" sourceRef="{source}" targetRef="{target}"/>'


def catch(id_: str, event: str) -> str:
    return f'<intermediateCatchEvent id="{id_}" name="等待">{event}</intermediateCatchEvent>'


TIMER = "<timerEventDefinition><timeDuration>R_PLAN</timeDuration></timerEventDefinition>"
MESSAGE = '<messageEventDefinition messageRef="m"/>'


def work_with(nodes: str, *flows: tuple[str, str]) -> list[str]:
    drawn = nodes + "".join(flow(number, *ends) for number, ends in enumerate(flows))
    declared = '<message id="m" name="reply"/><process id="work"'
    found = lint(spoiled("work.bpmn", (W2, drawn), ('<process id="work"', declared)))
    return sorted({each.rule for each in found if each.rule != "english-missing"})


JOIN = (
    '<userTask id="u1" name="办理" duban:form="accept"/>'
    '<userTask id="u2" name="复核" duban:form="accept"/>'
)


@pytest.mark.parametrize("kind", ["parallelGateway", "inclusiveGateway"])
def test_join_inside_a_loop_is_taken(kind: str) -> None:
    nodes = (
        f'{JOIN}<exclusiveGateway id="m1"/><parallelGateway id="g1"/><{kind} id="g2"/>'
        '<userTask id="u3" name="再办" duban:form="accept"/>'
        f'<boundaryEvent id="b" name="到期" attachedToRef="u3">{TIMER}</boundaryEvent>'
    )
    found = work_with(
        nodes,
        ("accept", "m1"),
        ("m1", "g1"),
        ("g1", "u1"),
        ("g1", "u2"),
        ("u1", "g2"),
        ("u2", "g2"),
        ("g2", "u3"),
        ("u3", "work_end"),
        ("b", "m1"),
    )
    assert found == []


def test_two_flows_from_one_node_to_a_join_are_refused() -> None:
    nodes = '<parallelGateway id="g1"/><parallelGateway id="g2"/>'
    found = work_with(nodes, ("accept", "g1"), ("g1", "g2"), ("g1", "g2"), ("g2", "work_end"))
    assert found == ["flow-twice"]


@pytest.mark.parametrize("first,second", [(TIMER, MESSAGE), (TIMER, TIMER), (MESSAGE, MESSAGE)])
def test_event_gateway_takes_timers_and_messages(first: str, second: str) -> None:
    nodes = f'<eventBasedGateway id="g"/>{catch("c1", first)}{catch("c2", second)}'
    flows = (("accept", "g"), ("g", "c1"), ("g", "c2"), ("c1", "work_end"), ("c2", "work_end"))
    assert work_with(nodes, *flows) == []


def test_event_gateway_leads_to_events_only() -> None:
    nodes = f'<eventBasedGateway id="g"/>{catch("c1", MESSAGE)}'
    flows = (("accept", "g"), ("g", "c1"), ("g", "work_end"), ("c1", "work_end"))
    assert work_with(nodes, *flows) == ["event-gateway"]


def boundary(event: str, cancel: str = "true") -> str:
    return (
        f'<boundaryEvent id="b" name="边界" attachedToRef="accept" cancelActivity="{cancel}">'
        f"{event}</boundaryEvent>"
    )


@pytest.mark.parametrize(
    "node",
    [
        boundary(MESSAGE),
        boundary(""),
        boundary("<errorEventDefinition/>", "false"),
        boundary(TIMER + MESSAGE),
        boundary("<terminateEventDefinition/>"),
    ],
)
def test_boundary_event_outside_the_profile_is_refused(node: str) -> None:
    assert "event-kind" in work_with(node, ("accept", "work_end"), ("b", "work_end"))


@pytest.mark.parametrize("event", [TIMER, MESSAGE, "<signalEventDefinition/>"])
def test_subprocess_starts_by_its_flow_only(event: str) -> None:
    found = rules(
        spoiled(
            "top.bpmn",
            ('name="期限开始"/>', f'name="期限开始">{event}</startEvent>'),
        )
    )
    assert "event-kind" in found


def test_case_does_not_start_by_a_timer() -> None:
    found = rules(spoiled("work.bpmn", ('name="着手"/>', f'name="着手">{TIMER}</startEvent>')))
    assert "event-kind" in found


def test_boundary_event_sits_on_an_activity_of_its_scope() -> None:
    found = rules(spoiled("top.bpmn", ('attachedToRef="plan"', 'attachedToRef="term_work"')))
    assert "boundary-host" in found


@pytest.mark.parametrize(
    "old,new,rule",
    [
        (W2, "", "dead-end"),
        (W1, "", "dead-end"),
        (W2, W2 + flow(9, "work_end", "accept"), "flow-misplaced"),
        (W2, W2 + flow(9, "accept", "nowhere"), "flow-dangles"),
        (
            END,
            END + '<startEvent id="second" name="又始"/>' + flow(9, "second", "accept"),
            "start-count",
        ),
        (
            W2,
            W2.replace(
                "/>", "><conditionExpression>score > 1</conditionExpression></sequenceFlow>"
            ),
            "condition-misplaced",
        ),
    ],
)
def test_broken_flow_is_refused(old: str, new: str, rule: str) -> None:
    assert rule in rules(spoiled("work.bpmn", (old, new)))


def test_flow_across_the_border_of_a_subprocess_is_refused() -> None:
    found = rules(
        spoiled(
            "top.bpmn",
            ('sourceRef="term" targetRef="enough"', 'sourceRef="term_work" targetRef="enough"'),
        )
    )
    assert "flow-dangles" in found


def test_terminate_end_of_a_case_is_refused_and_that_of_a_called_process_is_not() -> None:
    ending = "><terminateEventDefinition/></endEvent>"
    case = spoiled("top.bpmn", ('duban:outcome="closed"/>', f'duban:outcome="closed"{ending}'))
    called = spoiled("work.bpmn", ('name="工作结束"/>', f'name="工作结束"{ending}'))
    assert rules(case) == ["terminates-case"]
    assert rules(called) == []

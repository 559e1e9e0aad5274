"""Where cases begin, what opens them, and who sends what they wait for."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.engine.definition import Definition
from workflows.engine.elements import Element
from workflows.engine.pack import Pack


def elements_of(pack: Pack) -> Iterator[Element]:
    """Give the nodes of all processes."""
    for definition in pack.processes.values():
        yield from definition.process.elements.values()


def called_by(definition: Definition) -> tuple[Definition, ...]:
    """Give a process with all that it calls, and that those call."""
    processes = definition.pack.processes
    found = {definition.process_id: definition}
    for each in (open_ := [definition]):
        for element in each.process.elements.values():
            called = processes.get(element.called or "")
            if called is not None and called.process_id not in found:
                found[called.process_id] = called
                open_.append(called)
    return tuple(found.values())


def root_processes(pack: Pack) -> tuple[Definition, ...]:
    """Give the processes in which cases begin: the entry, and what is opened somehow."""
    opened = {
        argument.value
        for element in elements_of(pack)
        if element.attributes.get("operation") == "open_case"
        for argument in element.arguments
        if argument.name == "process"
    }
    named = {pack.entry, *opened, *(name for name, _ in started_by_message(pack))}
    named |= {name for name, each in pack.processes.items() if each.opening is not None}
    return tuple(each for name, each in pack.processes.items() if name in named)


def started_by_message(pack: Pack) -> Iterator[tuple[str, str]]:
    """Give the processes that a message opens, each with its message."""
    for element in elements_of(pack):
        is_start = element.kind == "startEvent" and not element.within
        if is_start and element.message is not None:
            yield element.process_id, element.message


def opened_beside(pack: Pack, process_id: str) -> tuple[str, ...]:
    """Give the processes whose cases people open beside those of a process."""
    return tuple(
        name
        for name, each in pack.processes.items()
        if each.opening is not None and process_id in each.opening.beside.processes
    )


def may_receive(definition: Definition, path: str) -> bool:
    """Tell whether anybody can send the message that an event waits for."""
    event = definition.message(path)
    return bool(event.roles) or event.message in sent_messages(definition.pack)


def sent_messages(pack: Pack) -> frozenset[str]:
    """Give the messages that cases of this pack send."""
    sent = {
        argument.value or ""
        for element in elements_of(pack)
        if element.attributes.get("operation") == "send_message"
        for argument in element.arguments
        if argument.name == "message"
    }
    thrown = {
        element.message
        for element in elements_of(pack)
        if element.kind in ("intermediateThrowEvent", "endEvent") and element.message
    }
    return frozenset(sent | thrown)

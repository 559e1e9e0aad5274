"""Harmful and harmless changes of a pack's files, each of one kind at one place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from lxml import etree

from workflows.engine.lint.model import BPMN, DUBAN

Files = dict[str, bytes]
Change = Callable[[Files], None]


def changed(files: Mapping[str, bytes], change: Change) -> Files:
    """Give the files with one change; it must have changed something."""
    copy = dict(files)
    change(copy)
    assert copy != files
    return copy


def flow_led_to(flow: str, target: str) -> Change:
    """Lead a sequence flow to another node of its file."""
    return _edit(flow, lambda element: element.set("targetRef", target))


def without_default(gateway: str) -> Change:
    """Take the default away from a gateway."""
    return _edit(gateway, lambda element: element.attrib.pop("default"))


def with_attribute(node: str, name: str, value: str | None) -> Change:
    """Set an attribute of ours, or take it away."""

    def edit(element: etree._Element) -> None:
        if value is None:
            element.attrib.pop(f"{DUBAN}{name}")
        else:
            element.set(f"{DUBAN}{name}", value)

    return _edit(node, edit)


def turned_into(node: str, tag: str) -> Change:
    """Make another kind of node of it."""

    def edit(element: etree._Element) -> None:
        element.tag = f"{BPMN}{tag}"
        element.attrib.pop("default", None)
        for flow in element.getparent().iterfind(f"{BPMN}sequenceFlow"):
            condition = flow.find(f"{BPMN}conditionExpression")
            if flow.get("sourceRef") == node and condition is not None:
                flow.remove(condition)

    return _edit(node, edit)


def without_terminate(end: str) -> Change:
    """Let an end event end its own path only."""

    def edit(element: etree._Element) -> None:
        found = element.find(f"{BPMN}terminateEventDefinition")
        assert found is not None
        element.remove(found)

    return _edit(end, edit)


def with_condition(flow: str, old: str, new: str) -> Change:
    """Change the condition of a flow."""

    def edit(element: etree._Element) -> None:
        condition = element.find(f"{BPMN}conditionExpression")
        assert condition is not None
        assert old in (condition.text or "")
        condition.text = (condition.text or "").replace(old, new)

    return _edit(flow, edit)


def renamed(node: str, name: str) -> Change:
    """Give a node another name."""
    return _edit(node, lambda element: element.set("name", name))


def field_changed(form: str, key: str, *, required: bool) -> Change:
    """Make a field of a form required, or not."""

    def change(files: Files) -> None:
        file = f"forms/{form}.json"
        content = json.loads(files[file])
        (found,) = (each for each in content["components"] if each.get("key") == key)
        found.setdefault("validate", {})["required"] = required
        files[file] = json.dumps(content, ensure_ascii=False).encode()

    return change


def row_removed(table: str, number: int) -> Change:
    """Take a rule out of a decision table."""

    def change(files: Files) -> None:
        root = etree.fromstring(files[f"{table}.dmn"])
        rows = [each for each in root.iter() if etree.QName(each).localname == "rule"]
        rows[number].getparent().remove(rows[number])
        files[f"{table}.dmn"] = etree.tostring(root)

    return change


def row_moved_last(table: str) -> Change:
    """Put the first rule of a decision table last."""

    def change(files: Files) -> None:
        root = etree.fromstring(files[f"{table}.dmn"])
        rows = [each for each in root.iter() if etree.QName(each).localname == "rule"]
        rows[-1].addnext(rows[0])
        files[f"{table}.dmn"] = etree.tostring(root)

    return change


def parameter_set(name: str, value: int) -> Change:
    """Give a parameter another value."""

    def change(files: Files) -> None:
        text = files["parameters.toml"].decode()
        pattern = rf"(\[{name}\]\n(?:[^\[]*\n)?value = )\d+"
        files["parameters.toml"] = re.sub(pattern, rf"\g<1>{value}", text).encode()

    return change


def _edit(id_: str, edit: Callable[[etree._Element], object]) -> Change:
    """Edit the one element of an id, in whichever diagram it stands."""

    def change(files: Files) -> None:
        for file in sorted(files):
            if not file.endswith(".bpmn"):
                continue
            root = etree.fromstring(files[file])
            found = root.xpath("//*[@id=$id]", id=id_)
            if found:
                edit(found[0])
                files[file] = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
                return
        raise AssertionError(id_)

    return change

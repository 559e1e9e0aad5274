"""The linter answers every broken pack with findings, never with an error of its own."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.support.lint_packs import drawn, sound_pack
from workflows.engine.lint import lint_files

PACK = drawn(sound_pack())
MODELS = ("top.bpmn", "work.bpmn", "classes.dmn")
VALUES = ("", "x", "plan", "term", "begin", "f4", "true", "R_PLAN", "score", "名", "-1", "\u00e9")


@st.composite
def _broken(draw: st.DrawFn) -> dict[str, bytes]:
    """Take elements and attributes away from a diagram or table, or change them."""
    file = draw(st.sampled_from(MODELS))
    root = etree.fromstring(PACK[file])
    for _ in range(draw(st.integers(1, 4))):
        elements = list(root.iter())[1:]
        if not elements:
            break
        element = elements[draw(st.integers(0, len(elements) - 1))]
        names = sorted(map(str, element.attrib))
        match draw(st.sampled_from(["remove", "attribute", "change", "text", "double"])):
            case "remove":
                parent = element.getparent()
                if parent is not None:
                    parent.remove(element)
            case "attribute" if names:
                del element.attrib[draw(st.sampled_from(names))]
            case "change" if names:
                element.set(draw(st.sampled_from(names)), draw(st.sampled_from(VALUES)))
            case "text":
                element.text = draw(st.sampled_from(VALUES))
            case "double":
                element.append(etree.fromstring(etree.tostring(element)))
    return PACK | {file: etree.tostring(root)}


@settings(max_examples=150, deadline=None)
@given(_broken())
def test_broken_diagram_gives_findings(files: dict[str, bytes]) -> None:
    for finding in lint_files(files):
        assert finding.text("en")
        assert finding.text("zh")


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(PACK)),
    st.integers(0, 2_000),
    st.integers(0, 300),
    st.binary(max_size=20),
)
def test_torn_file_gives_findings(file: str, start: int, length: int, filling: bytes) -> None:
    content = PACK[file]
    torn = content[:start] + filling + content[start + length :]
    for finding in lint_files(PACK | {file: torn}):
        assert finding.text("zh")

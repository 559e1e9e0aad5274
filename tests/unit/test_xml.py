"""XML that comes in, and XML that stays out."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflows.engine.xml import MAX_XML_BYTES, XmlRefused, parse_xml

BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<x>&b;</x>"""


def test_well_formed_file_is_parsed_without_its_comments() -> None:
    root = parse_xml("<?xml version='1.0'?><!-- 注 --><a><!-- b --><b>整改</b></a>".encode(), "a")
    assert [child.tag for child in root] == ["b"]
    assert root[0].text == "整改"


def test_byte_order_mark_is_taken() -> None:
    assert parse_xml(b"\xef\xbb\xbf<a/>", "a").tag == "a"


@pytest.mark.parametrize(
    "content,rule,line",
    [
        (b"<a><b></a>", "xml-malformed", 1),
        (b"<a>\n<b>\n</a>", "xml-malformed", 3),
        (b"", "xml-malformed", 1),
        (b"not xml", "xml-malformed", 1),
        (b"<a>&undeclared;</a>", "xml-malformed", 1),
        (b"<a x='1' x='2'/>", "xml-malformed", 1),
        (b"<a/><b/>", "xml-malformed", 1),
        (BOMB.encode(), "xml-doctype", 2),
        (b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a.dtd'><a/>", "xml-doctype", 1),
        (b"<!-- x -->\n\n<!DOCTYPE a><a/>", "xml-doctype", 3),
        (b"<?xml version='1.0' encoding='GB18030'?><a/>", "xml-not-utf8", 1),
        ("<a>整改</a>".encode("gb18030"), "xml-not-utf8", 1),
        ("<a/>".encode("utf-16"), "xml-not-utf8", 1),
        (b"<a>" * 60 + b"</a>" * 60, "xml-too-deep", 1),
        (b"<a>" + b"<b/>" * 20_001 + b"</a>", "xml-too-many", 1),
    ],
)
def test_refused_file_is_named_with_line_and_remedy(content: bytes, rule: str, line: int) -> None:
    with pytest.raises(XmlRefused) as caught:
        parse_xml(content, "case.bpmn")
    finding = caught.value.finding
    assert (finding.file, finding.rule, finding.line) == ("case.bpmn", rule, line)
    assert "case.bpmn" in str(caught.value)
    assert finding.remedy("zh")
    assert finding.remedy("en") in str(caught.value)


def test_oversized_file_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(XmlRefused) as caught:
        parse_xml(b"<a>" + b" " * MAX_XML_BYTES + b"</a>", "big.bpmn")
    assert caught.value.finding.rule == "xml-too-large"


def test_external_entity_is_never_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    content = f"<!DOCTYPE a [<!ENTITY e SYSTEM '{secret.as_uri()}'>]><a>&e;</a>"
    with pytest.raises(XmlRefused, match="DOCTYPE"):
        parse_xml(content.encode(), "a.bpmn")


def test_word_doctype_inside_the_document_is_no_doctype() -> None:
    assert parse_xml(b"<a><![CDATA[<!DOCTYPE a>]]></a>", "a").text == "<!DOCTYPE a>"

"""The one door through which XML comes in (DESIGN 4.3)."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from workflows.domain.errors import InvalidInput
from workflows.engine.findings import Finding, Rule

MAX_XML_BYTES = 2 * 1024 * 1024
MAX_XML_DEPTH = 40
MAX_XML_ELEMENTS = 20_000

_BEFORE_ROOT = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DECLARED_ENCODING = re.compile(r"<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"']*)[\"']")

XML_TOO_LARGE = Rule(
    "xml-too-large",
    "文件有 {size} 字节，上限是 {limit} 字节。",
    "The file has {size} bytes; the limit is {limit}.",
    "请拆分流程，用调用活动连接。",
    "Split the process and join the parts with call activities.",
)
XML_NOT_UTF8 = Rule(
    "xml-not-utf8",
    "文件不是 UTF-8 编码（声明为 {encoding}）。",
    "The file is not UTF-8 (it says {encoding}).",
    "请以 UTF-8 重新保存。",
    "Save it again as UTF-8.",
)
XML_DOCTYPE = Rule(
    "xml-doctype",
    "文件含有 DOCTYPE 声明；为防止实体攻击，一律拒绝。",
    "The file has a DOCTYPE; files with one are refused, since entities can attack the reader.",
    "请删除 DOCTYPE 声明及其中的实体。",
    "Remove the DOCTYPE and the entities in it.",
)
XML_MALFORMED = Rule(
    "xml-malformed",
    "文件不是格式良好的 XML:{reason}",
    "The file is not well-formed XML: {reason}",
    "请用流程编辑器重新导出，或修正该行。",
    "Export it again from the editor, or mend this line.",
)
XML_TOO_DEEP = Rule(
    "xml-too-deep",
    "元素嵌套超过 {limit} 层。",
    "Elements nest deeper than {limit} levels.",
    "请减少嵌套的子流程。",
    "Nest fewer subprocesses.",
)
XML_TOO_MANY = Rule(
    "xml-too-many",
    "文件中的元素超过 {limit} 个。",
    "The file has more than {limit} elements.",
    "请拆分流程，用调用活动连接。",
    "Split the process and join the parts with call activities.",
)


class XmlRefused(InvalidInput):
    """{file}, line {line}: {reason} {remedy}"""

    code = "xml_refused"
    finding: Finding

    def __init__(self, finding: Finding) -> None:
        """Keep the finding, from which pages take the sentence in their language."""
        super().__init__(
            file=finding.file,
            line=finding.line or 1,
            reason=finding.message_en,
            remedy=finding.remedy_en,
        )
        self.finding = finding


def parse_xml(content: bytes, file: str) -> etree._Element:
    """Parse a BPMN or DMN file without comments and processing instructions.

    Args:
        content: the bytes of the file, UTF-8 with or without a mark.
        file: its name, for messages.

    Raises:
        XmlRefused: too large, too deep, another encoding, a DOCTYPE, or malformed.
    """
    if len(content) > MAX_XML_BYTES:
        finding = XML_TOO_LARGE.found(file, size=len(content), limit=MAX_XML_BYTES)
        raise XmlRefused(finding)
    _refuse_doctype(_decode(content, file), file)
    try:
        root = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        reason = (error.msg or "").partition(", line")[0]
        finding = XML_MALFORMED.found(file, line=error.lineno, reason=reason)
        raise XmlRefused(finding) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlRefused(XML_DOCTYPE.found(file, line=1))
    _limit(root, file)
    return root


def _parser() -> etree.XMLParser:
    """Make a parser that reaches nothing outside the bytes it is given."""
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )


def _decode(content: bytes, file: str) -> str:
    """Decode UTF-8, refusing what only claims to be something else as well."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise XmlRefused(XML_NOT_UTF8.found(file, line=1, encoding="UTF-16"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = XML_NOT_UTF8.found(file, line=line, encoding="UTF-8")
        raise XmlRefused(found) from error
    declared = _DECLARED_ENCODING.match(text)
    if declared and declared[1].lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
        raise XmlRefused(XML_NOT_UTF8.found(file, line=1, encoding=declared[1]))
    return text


def _refuse_doctype(text: str, file: str) -> None:
    """Look for a DOCTYPE where XML allows one, before any parser sees its entities."""
    at = 0
    while passed := _BEFORE_ROOT.match(text, at):
        at = passed.end()
    if text.startswith("<!DOCTYPE", at):
        raise XmlRefused(XML_DOCTYPE.found(file, line=text.count("\n", 0, at) + 1))


def _limit(root: etree._Element, file: str) -> None:
    depth = count = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_XML_DEPTH:
            line = element.sourceline
            raise XmlRefused(XML_TOO_DEEP.found(file, line=line, limit=MAX_XML_DEPTH))
        if count > MAX_XML_ELEMENTS:
            line = element.sourceline
            raise XmlRefused(XML_TOO_MANY.found(file, line=line, limit=MAX_XML_ELEMENTS))

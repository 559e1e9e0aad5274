"""TOML files of a pack: tables with the lines on which they begin."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from workflows.engine.findings import Finding, Rule

MAX_TOML_BYTES = 512 * 1024
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)

_HEADER = re.compile(
    r"^[ \t]*(?:\[[ \t]*([^\]\[]+?)[ \t]*\]|([A-Za-z0-9_-]+)[ \t]*=)", re.MULTILINE
)
_LINE = re.compile(r"\(at line (\d+)")

TOML_TOO_LARGE = Rule(
    "toml-too-large",
    "文件有 {size} 字节，上限是 {limit} 字节。",
    "The file has {size} bytes; the limit is {limit}.",
    "请拆分规则包。",
    "Split the pack.",
)
TOML_MALFORMED = Rule(
    "toml-malformed",
    "文件不是正确的 TOML:{reason}",
    "The file is not valid TOML: {reason}",
    "请修正该行；文件应为 UTF-8 编码。",
    "Mend this line; the file must be UTF-8.",
)
TOML_NOT_A_TABLE = Rule(
    "toml-not-a-table",
    "“{name}”应是一个表（[{name}]）。",
    "“{name}” must be a table ([{name}]).",
    "请写成 [{name}] 加各项键值。",
    "Write it as [{name}] with its keys below.",
)
TOML_BAD_NAME = Rule(
    "toml-bad-name",
    "名称“{name}”只能用英文字母、数字和下划线，以字母开头，最多 64 个字符。",
    "The name “{name}” may have ASCII letters, digits and underscores only, a letter first,"
    " at most 64.",
    "请改名，并同步修改引用处。",
    "Rename it, and what refers to it.",
)
TOML_UNKNOWN_KEY = Rule(
    "toml-unknown-key",
    "[{name}] 中没有名为“{key}”的项。",
    "[{name}] knows no key “{key}”.",
    "可用的项：{known}。",
    "Known keys: {known}.",
)
TOML_BAD_VALUE = Rule(
    "toml-bad-value",
    "[{name}] 的“{key}”不正确：应为{wanted_zh}。",
    "“{key}” of [{name}] is wrong: it must be {wanted_en}.",
    "请改正该项。",
    "Correct it.",
)


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A parsed TOML file; ``lines`` gives the line of each table or top-level key."""

    file: str
    content: Mapping[str, object]
    lines: Mapping[str, int]
    findings: tuple[Finding, ...]

    def line(self, name: str) -> int | None:
        """Give the line on which a table begins."""
        return self.lines.get(name)


def read_toml(content: bytes, file: str) -> TomlFile:
    """Parse a TOML file; what is wrong with its form comes as a finding."""
    if len(content) > MAX_TOML_BYTES:
        found = TOML_TOO_LARGE.found(file, size=len(content), limit=MAX_TOML_BYTES)
        return TomlFile(file, {}, {}, (found,))
    try:
        text = content.decode("utf-8-sig")
        parsed = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        at = _LINE.search(str(error))
        line = int(at[1]) if at else None
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        return TomlFile(file, {}, {}, (TOML_MALFORMED.found(file, line=line, reason=reason),))
    return TomlFile(file, parsed, _lines(text), ())


def tables_of(source: TomlFile) -> tuple[Mapping[str, Mapping[str, object]], list[Finding]]:
    """Give the named tables of a file that holds nothing else, and what is none."""
    tables: dict[str, Mapping[str, object]] = {}
    findings: list[Finding] = []
    for name, table in source.content.items():
        line = source.line(name)
        if not NAME.fullmatch(name):
            findings.append(TOML_BAD_NAME.found(source.file, name, line, name=name))
        elif not isinstance(table, dict):
            findings.append(TOML_NOT_A_TABLE.found(source.file, name, line, name=name))
        else:
            tables[name] = table
    return tables, findings


def _lines(text: str) -> Mapping[str, int]:
    lines: dict[str, int] = {}
    for header in _HEADER.finditer(text):
        name = (header[1] or header[2]).strip("\"' ")
        lines.setdefault(name, text.count("\n", 0, header.end()) + 1)
    return lines

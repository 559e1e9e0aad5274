"""What may be wrong with a file or a row of it, in words for the one who mends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import ClassVar, Literal

from workflows.domain.errors import DubanError
from workflows.domain.written_days import day_en, day_zh
from workflows.services.imports.refused_files import Reason

Language = Literal["zh", "en"]
SHOWN = 20

# code: (Chinese, English); {name} is filled from the problem's values.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "unknown_parent": (
        "上级代码 {parent} 不存在：请补上该上级单位，或改正本行的 parent",
        "there is no unit {parent} for its parent: add that unit, or correct parent",
    ),
    "duplicate_code": (
        "代码 {code} 与第 {other} 行重复：每个单位只写一行",
        "code {code} stands in line {other} already: write each unit once",
    ),
    "wrong_level": (
        "级别 {level} 不对：上级 {parent} 是第 {parent_level} 级，本行应为第 {expected} 级",
        "level {level} is wrong: its parent {parent} has level {parent_level}, so {expected}",
    ),
    "level_no_number": (
        "级别 “{level}” 不是 1 至 5 的数字",
        "level “{level}” is no number from 1 to 5",
    ),
    "root_too_low": (
        "第 {level} 级的单位没有上级：只有第 1 级（自治区、省）可以没有上级，请填 parent",
        "a unit of level {level} has no parent: only level 1, the region, stands alone",
    ),
    "bad_code": (
        "代码 “{code}” 不能用：只用字母、数字、- 和 _，最多 38 个，不以 -B -C -O -D -S 结尾",
        "code “{code}” cannot be used: letters, digits, - and _ only, at most 38, "
        "not ending with -B, -C, -O, -D or -S",
    ),
    "name_missing": ("没有名称", "it has no name"),
    "name_unusable": (
        "名称超过 100 个字，或含有不可见字符",
        "its name is longer than 100 characters or holds invisible ones",
    ),
    "moved": (
        "{code} 已在 {parent} 之下（第 {level} 级）：改变隶属关系要按撤并、划转办理，不能靠导入",
        "{code} stands under {parent} (level {level}) already: moving a unit is an act "
        "of its own, an import cannot do it",
    ),
    "too_few_columns": ("这一行少了列", "this row has too few columns"),
    "required": ("没有填写“{column}”", "“{column}” is empty"),
    "not_a_date": (
        "“{column}”的“{value}”不是日期：请写成 2026年3月10日 或者 2026-03-10",
        "“{value}” in “{column}” is no date: write 10 March 2026 or 2026-03-10",
    ),
    "unclear_date": (
        "“{column}”的“{value}”看不准是哪一天：请写成 2026年3月10日 或者 2026-03-10，年份写四位",
        "“{value}” in “{column}” may be more than one day: write 10 March 2026 or 2026-03-10, "
        "the year in four figures",
    ),
    "date_in_future": (
        "“{column}”的 {value} 晚于今天",
        "{value} in “{column}” is later than today",
    ),
    "dates_reversed": (
        "止于 {until}，早于起始 {start}",
        "it ends on {until}, before it starts on {start}",
    ),
    "unknown_organisation": (
        "没有单位“{value}”：请写代码，或写到能唯一确定的全称",
        "there is no organisation “{value}”: write its code or its full name",
    ),
    "ambiguous_organisation": (
        "“{value}”有 {count} 个同名单位（{examples}）：请写代码",
        "{count} organisations are called “{value}” ({examples}): write the code",
    ),
    "not_public_duty": (
        "对象类别“{value}”不是公职人员类别，不得登记：只登记 {known}",
        "category “{value}” is no category of public duty and is never recorded: only {known}",
    ),
    "person_twice": (
        "本旗县内已有同名人员（{post}），没有人员编号分不清是不是同一个人。"
        "同一人兼任的，两处填同一编号；不是同一人的，各填各的编号。",
        "Somebody of this name is known in the banner ({post}), and without a staff code nobody "
        "can tell whether it is the same person. One person in two posts: the same code in both "
        "rows; two people: a code each.",
    ),
    "person_differs": (
        "人员编号 {code} 已登记为“{name}”",
        "staff code {code} belongs to “{name}” already",
    ),
    "same_row": ("与第 {other} 行相同", "it repeats row {other}"),
    "tenure_overlaps": (
        "同一职务的任期与 {start} 起的任期重叠",
        "it overlaps with the tenure in the same post from {start}",
    ),
    "unknown_problem_type": (
        "没有问题类型“{value}”：请用代码或名称，如 101 三会一课不按期",
        "there is no problem type “{value}”: use its code or name, like 101 三会一课不按期",
    ),
    "unknown_source": (
        "没有来源“{value}”：只用 {known}",
        "there is no source “{value}”: only {known}",
    ),
    "formula_error": (
        "“{column}”里的公式出错：请改正公式，或者直接填写",
        "the formula in “{column}” failed: mend it or write the value",
    ),
    "too_many_digits": (
        "“{column}”是超过 15 位的数字，表格软件已经改动了末几位：请把单元格设为文本，重新填写",
        "“{column}” is a number of more than 15 figures, of which the spreadsheet has changed "
        "the last ones: format the cell as text and write it again",
    ),
    "lost_sign": (
        "“{value}”里有问号，可能是另存为 CSV 时丢了生僻字：请改正，并另存为 .xlsx 或者“CSV UTF-8”",
        "“{value}” holds a question mark, perhaps for a rare sign that was lost when the file was "
        "saved as CSV: correct it and save as .xlsx or “CSV UTF-8”",
    ),
    "too_long": (
        "“{column}”超过 {limit} 个字",
        "“{column}” is longer than {limit} characters",
    ),
    "no_branch": (
        "“{value}”没有党组织：请写到嘎查、村、社区，或写明党组织",
        "“{value}” has no Party organisation: name a gacha, village or community",
    ),
    "registered_already": (
        "同一单位、类型、日期和表述的问题已登记为 {number}",
        "the same problem of that organisation and day is registered as {number}",
    ),
    "matter_differs": (
        "{number} 已登记，与本行的类型、日期或者表述不同：要改请在案件页更正",
        "{number} is registered with another type, day or description: correct it on its page",
    ),
    "tenure_differs": (
        "已登记的任职与本行的“{column}”不同：导入不能改，请按职务交接办理",
        "the tenure is registered with another “{column}”: an import cannot change it",
    ),
    "outside_office": (
        "您不能登记“{value}”的问题：不在您登记范围内",
        "“{value}” lies outside the part of the tree for which you register matters",
    ),
    "refused_by_form": (
        "登记表“{field}”项不符合要求 ({rule})",
        "the intake form does not take “{field}” ({rule})",
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one row; `line` counts from 1 as the file's own program shows it.

    `name` is the field whose cell is wrong; empty where it is the row.
    """

    line: int
    code: str
    values: Mapping[str, object] = field(default_factory=dict)
    sheet: str = ""
    name: str = ""

    @property
    def place(self) -> str:
        """Say where it is, for a list of problems."""
        return f"sheet “{self.sheet}” row {self.line}" if self.sheet else f"line {self.line}"

    def sentence(self, language: Language = "zh") -> str:
        """Say what is wrong and what to do; days as people write them."""
        write = day_zh if language == "zh" else day_en
        values = {
            name: write(value) if isinstance(value, date) else value
            for name, value in self.values.items()
        }
        return SENTENCES[self.code][0 if language == "zh" else 1].format(**values)


class FileRefused(DubanError):
    """{file}: {reason}"""

    code: ClassVar[str] = "file_refused"


def refused(file: Path, code: str, **values: object) -> FileRefused:
    """Make the refusal of a file for one of the known reasons."""
    return FileRefused(file=file.name, reason=Reason(code, values))


class ColumnsMissing(FileRefused):
    """{file}: {place} has no column {missing}: head the columns {wanted}"""

    code: ClassVar[str] = "columns_missing"


class RowsRefused(DubanError):
    """{file}: {count} rows cannot be used, nothing was written. {first}"""

    code: ClassVar[str] = "rows_refused"

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        """Keep all problems; the message tells the first ones."""
        self.problems = tuple(problems)
        lines = "; ".join(f"{p.place}: {p.sentence('en')}" for p in problems[:SHOWN])
        rest = len(problems) - SHOWN
        super().__init__(
            file=file,
            count=len({(problem.sheet, problem.line) for problem in problems}),
            first=lines + (f"; and {rest} more" if rest > 0 else ""),
        )

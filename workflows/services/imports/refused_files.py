"""Why a file as a whole cannot be read, in words for the one who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

# code: (Chinese, English); {name} is filled from the reason's values.
REASONS: Mapping[str, tuple[str, str]] = {
    "not_chosen": ("没有选择文件。", "no file was chosen"),
    "unreadable": (
        "打不开这个文件（{error}）：请重新另存后再试。",
        "it cannot be read ({error})",
    ),
    "no_csv": (
        "第 {line} 行不是 CSV 格式（{error}）：请重新另存为 CSV。",
        "line {line} is no CSV ({error}): save it as CSV again",
    ),
    "no_columns": (
        "第一行要写列名 {wanted}，缺 {missing}。",
        "the first line must name the columns {wanted}; missing: {missing}",
    ),
    "unknown_encoding": (
        "第 {line} 行既不是 UTF-8 也不是 GB18030：请在 Excel 或者 WPS 里另存为“CSV UTF-8”。",
        "line {line} is neither UTF-8 nor GB18030: save the file as “CSV UTF-8” from Excel or WPS",
    ),
    "too_much_text": (
        "文字超过 {most} MB：请拆成几个文件。",
        "it holds more than {most} MiB of text: split it",
    ),
    "too_many_units": (
        "单位超过 {most} 个：请拆成几个文件。",
        "it has more than {most} units: split it",
    ),
    "no_units": ("里面没有单位。", "it has no units"),
    "no_rows": ("表头下面没有内容。", "it has no rows below its header"),
    "no_sheets": ("里面没有可见的工作表。", "it has no visible sheet"),
    "too_large": (
        "有 {size} MB，至多 {most} MB：请拆成几个文件。",
        "it has {size} MiB, at most {most} are read: split it",
    ),
    "locked": (
        "加了密码，或者是旧的 .xls：请去掉密码，另存为 .xlsx。",
        "it is protected by a password or an old .xls: save it as .xlsx without a password",
    ),
    "no_workbook": (
        "不是 .xlsx 工作簿：请用 Excel 或者 WPS 打开，另存为 .xlsx。",
        "it is no .xlsx workbook: open it in Excel or WPS and save it as .xlsx again",
    ),
    "damaged": (
        "文件已损坏（{error}）：请用 Excel 或者 WPS 打开，另存为 .xlsx。",
        "it is damaged ({error}): open it in Excel or WPS and save it as .xlsx again",
    ),
    "damaged_part": (
        "文件里的 {part} 已损坏（{error}）：请用 Excel 或者 WPS 打开，另存为 .xlsx。",
        "{part} is damaged ({error}): open it in Excel or WPS and save it as .xlsx again",
    ),
    "odd_parts": (
        "内部部件太多或者重复：请用 Excel 或者 WPS 打开，另存为 .xlsx。",
        "its parts are too many or doubled: open it in Excel or WPS and save it as .xlsx again",
    ),
    "unpacks": (
        "解开后超过 {most} MB：请拆成几个文件。",
        "it unpacks to more than {most} MiB: split it",
    ),
    "part_unpacks": (
        "文件里的 {part} 解开后远远超过一本台账（已到 {size} MB）：请用 Excel 或者 WPS 打开，"
        "另存为 .xlsx。",
        "{part} unpacks to far more than a ledger holds ({size} MiB and more): "
        "open it in Excel or WPS and save it as .xlsx again",
    ),
    "doctype": (
        "文件里的 {part} 带有 DOCTYPE，工作簿不会有：请用 Excel 或者 WPS 重新另存。",
        "{part} has a DOCTYPE, as no workbook does",
    ),
    "far_cell": (
        "单元格 {cell}（{part}）超出范围，至多 {rows} 行、{columns} 列："
        "请删掉范围以外的内容和设过格式的空行，或者拆成几个文件。",
        "{part} has a cell at {cell}; at most {rows} rows and {columns} columns are read: "
        "delete what stands beyond, empty formatted rows too, or split it",
    ),
    "too_slow": (
        "读取超过 {seconds} 秒：请拆成几个文件。",
        "reading it took longer than {seconds} seconds: split it",
    ),
    "too_greedy": (
        "读取需要的内存超过 {most} MB，或者文件已损坏：请重新另存，或者拆成几个文件。",
        "reading it needs more than {most} MiB of memory, or it is damaged: "
        "save it again or split it",
    ),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One of ``REASONS`` with its values; as a text it is English."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, language: Literal["zh", "en"] = "zh") -> str:
        """Say why, and what to do."""
        return REASONS[self.code][0 if language == "zh" else 1].format(**self.values)

    def __str__(self) -> str:
        """Give the English sentence, for messages of commands."""
        return self.sentence("en")

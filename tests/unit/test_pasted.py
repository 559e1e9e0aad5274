"""Rows pasted from a spreadsheet into a text field."""

import pytest

from webapp.forms.pasted import rows_in_words


@pytest.mark.parametrize(
    "pasted, lines",
    [
        ("没有表格的文字\n第二行", "没有表格的文字\n第二行"),
        (
            "1\t补开党员大会\t书记\t4月10日\r\n2\t公开财务\t会计\t4月20日\r\n",
            "1；补开党员大会；书记；4月10日\n2；公开财务；会计；4月20日",
        ),
        ("措施\t责任人\t\t\n\t\t\n补课\t堃喆\t\t", "措施；责任人\n补课；堃喆"),
        ('1\t"先开会\n再公示"\t书记', "1；先开会 再公示；书记"),
        ('1\t"他说""好"""\t书记', '1；他说"好"；书记'),
        ('"没有结束的引号\t甲\n乙', "没有结束的引号 甲 乙"),
        ("以前写的\n甲\t乙", "以前写的\n甲；乙"),
        ("=1+1\t<b>", "=1+1；<b>"),
        ("\t", ""),
    ],
)
def test_rows_become_lines(pasted: str, lines: str) -> None:
    assert rows_in_words(pasted) == lines


def test_a_cell_of_any_length_is_kept() -> None:
    long = "长" * 200_000
    assert rows_in_words(f"1\t{long}") == f"1；{long}"

"""Numbers are written as people write them, by one function for each kind of number."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from jinja2 import Environment
from jinja2.ext import i18n

import webapp
from webapp.figures import (
    figure,
    file_size,
    percent,
    said,
    share,
    signed,
    write_values_of_sentences,
)
from webapp.sayings import named
from webapp.sayings import said as said_in_sentence
from webapp.speaking import speaking
from workflows.store.erasing import ERASED_NAME

_ROOT = Path(webapp.__file__).parent
TEMPLATES = sorted((_ROOT / "templates").rglob("*.html"))
_CELL = re.compile(r'class="num(?: [^"]*)?"[^>]*>(?:<a [^>]*>)?\{\{ ([^}]*[^} ]) ?\}\}')
_IN_WORDS = re.compile(r"_\(|^few\(\)|^name$|^words\.")
# A template that turns a number into text by itself.
_BY_ITSELF = re.compile(
    r"\| ?(?:round|int|float|format|filesizeformat)\b|'%[^'(]*[dgf]' ?%|\.format\("
)
# An f-string that does: digits, thousands, percent.
_IN_CODE = re.compile(r"\{[^{}]*:[^{}]*(?:,|,?\.\d+f|g|%)\}|\}%[\"']|\"%\.\d|(?<![\w.])round\(")
# What measures drawings and paper, prints speeds to a terminal, or moves a clock.
_NO_NUMBERS_FOR_READERS = (
    "diagram/",
    "commands/",
    "figures.py",
    "screens/charts.py",
    "views/demo_clock.py",
)
_MEASURES_OF_PAPER = ("papers/docx.py", "papers/docx_lines.py")


@pytest.mark.parametrize(
    "value,places,text",
    [
        (None, 0, ""),
        (0, 0, "0"),
        (2026, 0, "2026"),
        (9_999, 0, "9999"),
        (10_000, 0, "10,000"),
        (-1_234_567, 0, "-1,234,567"),
        (2.5, 0, "3"),
        (2.5, 1, "2.5"),
        (2.0, 1, "2"),
        (30.0, 1, "30"),
        (12_345.06, 1, "12,345.1"),
        (Decimal("0.25"), 1, "0.3"),
    ],
)
def test_a_number_is_parted_from_five_figures_on(
    value: float | None, places: int, text: str
) -> None:
    assert figure(value, places) == text


def test_shares_differences_and_sizes_are_written_in_one_way() -> None:
    assert (percent(35), percent(None), percent(99.5, 1)) == ("35%", "", "99.5%")
    assert (share(1, 3), share(1, 200), share(0, 0)) == ("33%", "1%", "")
    assert (signed(3), signed(0), signed(-12_345)) == ("+3", "0", "-12,345")
    sizes = [file_size(size) for size in (0, 1, 1024, 1025, 1_048_575, 1_048_577, 20 << 30)]
    assert sizes == ["0 KB", "1 KB", "1 KB", "2 KB", "1024 KB", "1.1 MB", "20 GB"]
    assert (said(True), said("7"), said(12_345), said(None)) == (True, "7", "12,345", None)


def test_sentences_of_templates_write_their_numbers_and_choose_by_them() -> None:
    environment = Environment(extensions=[i18n], autoescape=True)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: text, lambda one, many, num: one if num == 1 else many, newstyle=True
    )
    write_values_of_sentences(environment)
    page = environment.from_string(
        "{{ _('%(a)s<%(b)s', a=12345, b='<') }} {{ ngettext('%(num)s x', '%(num)s y', 12345) }}"
        "{{ ngettext('%(num)s x', '%(num)s y', 1) }}"
    )
    assert page.render() == "12,345<&lt; 12,345 y1 x"


@pytest.mark.code
def test_no_template_writes_a_number_by_itself() -> None:
    cells, wrong = 0, []
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        wrong += [(path.name, found) for found in _BY_ITSELF.findall(text)]
        for expression in _CELL.findall(text):
            cells += 1
            if not re.search(r"\| (?:figure|percent|signed)\b", expression) and not (
                _IN_WORDS.search(expression)
            ):
                wrong.append((path.name, expression))
    assert cells > 25
    assert wrong == []


@pytest.mark.code
def test_no_page_mail_or_paper_writes_a_number_by_itself_in_code() -> None:
    excused = (*_NO_NUMBERS_FOR_READERS, *_MEASURES_OF_PAPER)
    paths = [path for path in _ROOT.rglob("*.py") if "translations" not in path.parts]
    read = [path for path in paths if not str(path.relative_to(_ROOT)).startswith(excused)]
    assert len(read) > 150
    wrong = [
        (str(path.relative_to(_ROOT)), line.strip())
        for path in read
        for line in path.read_text("utf-8").splitlines()
        if _IN_CODE.search(line)
    ]
    assert wrong == []


def test_a_sentence_writes_days_numbers_and_the_name_of_who_was_erased() -> None:
    with speaking("en"):
        told = [said_in_sentence(each) for each in (date(2026, 3, 1), "2026-03-01", 12_345, 1.25)]
        assert told == ["1 March 2026", "1 March 2026", "12,345", "1.3"]
        assert (said_in_sentence(ERASED_NAME), named(ERASED_NAME)) == ("Erased", "Erased")
        assert (named("王"), named(7), said_in_sentence(True)) == ("王", 7, True)
    with speaking("zh"):
        assert named(ERASED_NAME) == "已删除"

"""Writing a review package around a bundle; every word in it comes from the bundle.

So the same record gives the same bytes, whatever happened since; a reader is shown nothing
that the bundle withholds; and each line can be found in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from zipfile import ZipFile

from webapp.review_package.case_files import case_file
from webapp.review_package.directory import Directory
from webapp.review_package.lists import HOUSE, SAMPLE, Deviations, Ledger, write_sample
from webapp.review_package.marks import Marks
from webapp.review_package.readme import readme
from webapp.review_package.statement import TITLE, Counts, statement
from webapp.review_package.telling import CaseTold, Packs, noted
from webapp.speaking import speaking
from workflows.audit.bundle_reading import BundleReader
from workflows.audit.plain_zip import write_plain_zip
from workflows.audit.shipping import viewer_page
from workflows.domain.deviation_state import Noted
from workflows.domain.deviations import (
    Deviation,
    DeviationKind,
    case_deviations,
    house_deviations,
)
from workflows.services.exports.packages import PackageOrder

BUNDLE, README, VIEWER, CASE_FILES = "审计包.zip", "先读我.txt", "viewer.html", "卷宗"
POOL = "抽样名单.txt"
_MARK = b"\xef\xbb\xbf"
# What no file may be called by on Windows.
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_LONGEST_NAME = 80
_AT_ONCE = 1000


def pool_of(package: Path) -> tuple[str, ...]:
    """Read back the names that cases are drawn from out of a package."""
    with ZipFile(package) as found:
        return tuple(found.read(POOL).removeprefix(_MARK).decode().split())


def write_package(
    order: PackageOrder, bundle: Path, folder: Path, target: Path, advance: Callable[[int], None]
) -> None:
    """Write a package as a zip.

    Args:
        order: What it says of itself.
        bundle: The bundle that it is made from, which goes into it as it is.
        folder: An empty folder to work in.
        target: The file to make.
        advance: Told how many records were taken up.
    """
    with speaking("zh"), BundleReader(bundle) as reader:
        files = _Package(order, reader, folder, advance).write()
    files[BUNDLE] = bundle
    with target.open("wb") as file:
        write_plain_zip(file, files)


@dataclass(slots=True)
class _Package:
    order: PackageOrder
    reader: BundleReader
    folder: Path
    advance: Callable[[int], None]
    counts: Counts = field(default_factory=Counts)
    pool: dict[str, tuple[int, int]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    # What appeals came to, by case, and what they set aside elsewhere: cases come by their ids.
    results: dict[str, str] = field(default_factory=dict)
    set_aside: list[tuple[Deviation, CaseTold]] = field(default_factory=list)
    files: dict[str, Path | bytes] = field(default_factory=dict)

    def write(self) -> dict[str, Path | bytes]:
        """Write all files but the bundle; give them by name."""
        directory = Directory.of(self.reader)
        marks = Marks.of(self.order, self.reader, directory)
        ledger = Ledger(self.folder, marks)
        deviations = Deviations(self.folder, marks, directory, self.counts.deviations)
        packs = Packs(self.reader)
        for case in self.reader.cases():
            told = CaseTold(case, packs, directory)
            self._take(told, marks, ledger, deviations)
            self.advance(len(case.records))
        for found, told in self.set_aside:
            deviations.add(found, told.name, told, self._appeal(found))
        self._take_house(deviations)
        for list_ in (ledger, deviations):
            list_.close()
            self.files[list_.path.name] = list_.path
        self.files[f"{SAMPLE}.xlsx"] = write_sample(self.folder, marks, self.pool)
        pool = list(self.pool)
        self.files[f"{TITLE}.docx"] = statement(marks, self.counts, pool)
        self.files[POOL] = _MARK + "".join(f"{name}\r\n" for name in sorted(pool)).encode()
        self.files[README] = readme(marks, self.counts.cases)
        self.files[VIEWER] = viewer_page()
        return self.files

    def _take(self, told: CaseTold, marks: Marks, ledger: Ledger, deviations: Deviations) -> None:
        """Take up one case: its file, its lines, its counts."""
        self.counts.add(told, marks.made_on)
        self.names[told.id] = told.name
        self.pool[told.name] = (told.last.record["seq"], told.last.index)
        ledger.add(told)
        if result := told.appeal_result:
            self.results[told.id] = result
        for found in case_deviations(told.noted, marks.order.made_at):
            if found.kind is DeviationKind.SET_ASIDE:
                self.set_aside.append((found, told))
            else:
                deviations.add(found, told.name, told)
        path = self.folder / f"{told.id}.pdf"
        path.write_bytes(case_file(told, marks))
        self.files[f"{CASE_FILES}/{_file_name(told)}.pdf"] = path

    def _appeal(self, found: Deviation) -> str:
        """Name the case and record that set a decision aside, and what was decided there."""
        name = self.names.get(found.case_id or "", f"{found.case_id}（不在本包内）")
        result = self.results.get(found.case_id or "")
        return f"{name} 第 {found.about_seq} 条" + (f"，复核结论：{result}" if result else "")

    def _take_house(self, deviations: Deviations) -> None:
        for found in house_deviations(self._house(), self._workdays().__contains__):
            about = self.names.get(found.case_id or "", found.case_id or "")
            deviations.add(found, HOUSE, None, about)

    def _house(self) -> Iterator[Noted]:
        for read in self.reader.house():
            self.counts.house_records += 1
            if self.counts.house_records % _AT_ONCE == 0:
                self.advance(_AT_ONCE)
            yield noted(read)

    def _workdays(self) -> set[date]:
        """Give the working days of the calendars in the bundle; only future years differ."""
        days: dict[str, bool] = {}
        for name in self.reader.names("calendars/"):
            days.update((line["date"], line["is_workday"]) for line in self.reader.lines(name))
        return {date.fromisoformat(day) for day, is_workday in days.items() if is_workday}


def _file_name(told: CaseTold) -> str:
    """Give a case's name as files may be called; its id makes it one of its own."""
    name = _FORBIDDEN.sub("_", told.name).strip(" .")[:_LONGEST_NAME]
    return name if name == told.name else f"{name}-{told.id[2:10]}"

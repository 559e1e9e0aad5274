"""What every paper of a package says of the package itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from webapp.dates import local, moment, today_of
from webapp.papers.official import date_in_full
from webapp.review_package.directory import Directory
from workflows.audit.bundle_reading import BundleReader
from workflows.domain.bundle_scopes import ScopeKind
from workflows.services.exports.packages import PackageOrder


@dataclass(frozen=True, slots=True)
class Marks:
    """The order of a package with what its bundle adds: the place, the tree, the seal's count."""

    order: PackageOrder
    covers: str
    tree_size: int
    manifest_hash: str
    fingerprint: str
    sealed: int

    @classmethod
    def of(cls, order: PackageOrder, reader: BundleReader, directory: Directory) -> Marks:
        """Take them from a bundle."""
        return cls(
            order,
            _covers(order, directory),
            reader.manifest["tree_size"],
            reader.manifest_hash,
            reader.fingerprint,
            len(reader.manifest["sealed"]),
        )

    @property
    def title(self) -> str:
        """Name the installation."""
        return self.order.title

    @property
    def made_on(self) -> date:
        """Give the day up to which the package tells."""
        return today_of(self.order.made_at)

    @property
    def made_at_naive(self) -> datetime:
        """Give the moment as workbooks and documents have it: the clock of the place."""
        return local(self.order.made_at).replace(tzinfo=None, microsecond=0)

    @property
    def period(self) -> str:
        """Say the period; empty where none was asked for."""
        if self.order.from_on is None or self.order.to_on is None:
            return ""
        return f"{date_in_full(self.order.from_on)} 至 {date_in_full(self.order.to_on)}"

    @property
    def said(self) -> str:
        """Say in a line where this comes from and up to when it tells."""
        parts = [self.covers, self.period, f"截至 {moment(self.order.made_at)}"]
        if self.order.is_made_up:
            parts.append("演示数据·虚构")
        return "　　".join(filter(None, parts))

    @property
    def footer(self) -> str:
        """Say who made it for whom."""
        order = self.order
        return f"内部资料　制作：{order.by}　交：{order.recipient}　用途：{order.purpose}"

    @property
    def level_words(self) -> str:
        """Say how much of the content is in it."""
        if "L2" in self.order.levels:
            return "含涉及个人的内容"
        return "内部内容，涉及个人的内容留存不出" if self.order.levels else "不含案件内容"


def _covers(order: PackageOrder, directory: Directory) -> str:
    if order.scope.kind is ScopeKind.ORGANISATION:
        return f"{directory.name(order.scope.id)}及其下级单位"
    if order.scope.kind is ScopeKind.CASES:
        return f"指定的 {len(order.scope.ids)} 件案件"
    if order.scope.kind is ScopeKind.MATTER:
        return "一个事项的全部案件"
    return order.title

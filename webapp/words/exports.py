"""Exports in words."""

from __future__ import annotations

from collections.abc import Collection

from webapp.dates import day
from webapp.sayings import gettext, listed
from webapp.words.errors import explain_code
from workflows.domain.bundle_scopes import ScopeKind
from workflows.queries.exports import ExportLine
from workflows.store.tables import BundleJob


def scope_words(line: ExportLine) -> str:
    """Say what an export covers."""
    kind, names = line.scope.kind, listed(line.names)
    if kind is ScopeKind.CASES:
        cases = gettext("案件 %(number)s", number=names)
        return cases + (gettext("等 %(count)s 件", count=len(line.scope.ids)) if line.more else "")
    if kind is ScopeKind.MATTER:
        return gettext("事项 %(number)s", number=names)
    if kind is ScopeKind.ORGANISATION:
        named = gettext("%(name)s及其下级单位", name=names)
        return f"{named}，{_days(line)}" if line.scope.from_on else named
    return _days(line) if line.scope.from_on else gettext("全部")


def _days(line: ExportLine) -> str:
    from_on, to_on = day(line.scope.from_on), day(line.scope.to_on)
    return gettext("%(from_on)s 至 %(to_on)s", from_on=from_on, to_on=to_on)


def kind_words(line: ExportLine) -> str:
    """Say whether it is a bundle alone or a whole package."""
    return gettext("巡察审计包") if line.job.package is not None else gettext("审计包")


def level_words(levels: Collection[str]) -> str:
    """Say how much of the content an export holds."""
    if "L3" in levels:
        return gettext("全部内容，线索在内")
    if "L2" in levels:
        return gettext("含涉及个人的内容")
    return gettext("内部内容") if levels else gettext("不含案件内容")


def failure_of(job: BundleJob) -> str:
    """Say why an export came to nothing."""
    if job.failure is None:
        return ""
    return explain_code(str(job.failure["code"]), job.failure["attributes"])


def file_name(line: ExportLine) -> str:
    """Name the file that leaves: by what it covers, where that has a name, and its number."""
    named = line.names[0] if line.names else line.scope.kind.value
    kind = "" if line.job.package is None else f"{gettext('巡察审计包')}-"
    return f"{kind}{named}-{line.job.id}.zip"

"""What records name: definitions, markings, calendars, each loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from workflows.domain.calendars import Calendar
from workflows.domain.clocks import ClockKind
from workflows.domain.terms import DueDates
from workflows.engine.definition import Definition
from workflows.engine.loading import build_pack
from workflows.engine.pack import Pack


@dataclass(slots=True)
class Surroundings:
    """The packs by hash, markings by hash and calendars by version of some records.

    ``calendar_of`` reads the days of a version. ``path_of`` gives the place of an
    organisation in the tree, which decides on regional days off; null where the reader was
    not told.
    """

    packs: Mapping[str, Mapping[str, bytes]]
    markings: Mapping[str, str]
    calendar_of: Callable[[str], bytes]
    path_of: Callable[[str], str | None]
    _loaded: dict[str, Pack] = field(default_factory=dict)
    _definitions: dict[str, Definition] = field(default_factory=dict)
    _calendars: dict[str, Calendar] = field(default_factory=dict)
    _dates: dict[tuple[str, str], DueDates] = field(default_factory=dict)

    def definition(self, name: str) -> Definition:
        """Give the definition that records name as ``<pack hash>/<process id>``."""
        found = self._definitions.get(name)
        if found is None:
            pack_hash, _, process_id = name.partition("/")
            if pack_hash not in self._loaded:
                self._loaded[pack_hash] = build_pack(self.packs[pack_hash])
            found = self._definitions[name] = self._loaded[pack_hash].processes[process_id]
        return found

    def dates(self, version: str, organisation: str | None) -> DueDates | None:
        """Give the dates under a version of the calendar, at the place of an organisation.

        Returns:
            None where the place is not known and days differ from region to region.
        """
        calendar = self._calendar(version)
        path = self.path_of(organisation) if organisation else None
        if path is None:
            if calendar.has_regions:
                return None
            path = ""
        key = (version, path)
        if key not in self._dates:
            self._dates[key] = DueDates(calendar.for_region(path))
        return self._dates[key]

    def _calendar(self, version: str) -> Calendar:
        if version not in self._calendars:
            self._calendars[version] = Calendar.from_jsonl(self.calendar_of(version))
        return self._calendars[version]


def kind_of(definition: Definition, rule: str) -> ClockKind:
    """Give what kind of time a rule of the pack measures."""
    return definition.pack.parameters[rule].kind or ClockKind.ACT

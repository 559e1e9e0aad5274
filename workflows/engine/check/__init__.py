"""Checking a pack whole: soundness, the time of each rung, guardrails (DESIGN 4.4)."""

from __future__ import annotations

from workflows.engine.check.report import Counts, PackCheck, check_pack, read_broken
from workflows.engine.check.rung_time import RungTime
from workflows.engine.check.soundness import Broken
from workflows.engine.check.story import StoryStep

__all__ = ["Broken", "Counts", "PackCheck", "RungTime", "StoryStep", "check_pack", "read_broken"]

"""Taking the steps of recorded cases again, each from the state that the records before it fold to.

The fold says where a case stood; the engine says where it must go from there (DESIGN 6).
"""

from workflows.engine.replay.case import CaseReplay, Replayed
from workflows.engine.replay.differences import StepNotReached
from workflows.engine.replay.surroundings import Surroundings

__all__ = ["CaseReplay", "Replayed", "StepNotReached", "Surroundings"]

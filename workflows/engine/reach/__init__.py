"""Every way that the cases of a pack can go (DESIGN 4.4)."""

from workflows.engine.reach.explore import Limits, explore
from workflows.engine.reach.graph import (
    Effect,
    Exploration,
    Fault,
    Graph,
    Refusal,
    State,
    Transition,
)

__all__ = [
    "Effect",
    "Exploration",
    "Fault",
    "Graph",
    "Limits",
    "Refusal",
    "State",
    "Transition",
    "explore",
]

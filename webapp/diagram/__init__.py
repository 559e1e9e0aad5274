"""Process diagrams as SVG, drawn on the server from the diagram's own layout."""

from webapp.diagram.draw import Names, draw
from webapp.diagram.plan import Plan, read_plan
from webapp.diagram.progress import Progress, follow, progress_by_process

__all__ = ["Names", "Plan", "Progress", "draw", "follow", "progress_by_process", "read_plan"]

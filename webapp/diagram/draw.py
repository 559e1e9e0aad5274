"""Drawing a plan as SVG; all colours and widths are classes of the style sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import etree

from webapp.diagram.ink import add, head, lines, mark, rectangle, rounded, sign, slash, towards
from webapp.diagram.plan import Box, Flow, Node, Plan
from webapp.diagram.progress import Progress, follow
from webapp.diagram.signs import FILLS, LINES, THROWN
from webapp.diagram.tallies import Tally, add_tally
from webapp.diagram.text import fit, wrap
from webapp.sayings import bracketed, gettext

_EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
_MARGIN = 12
_BAND = 30  # the strip of a pool or lane that carries its name
_SIZES = (13, 12, 11, 10)
# (kind, id, the Chinese name of the file) -> the name in the page's language
Names = Callable[[str, str, str], str]


def _as_written(_kind: str, _id: str, chinese: str) -> str:
    return chinese


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing that templates write out as it is: lxml escaped what came from files."""

    svg: str

    def __html__(self) -> str:
        """Give the drawing to a template."""
        return self.svg


def draw(
    plan: Plan,
    progress: Progress,
    *,
    title: str,
    description: str,
    name: Names = _as_written,
    links: Mapping[str, str] | None = None,
    marks: Mapping[str, str] | None = None,
    tallies: Mapping[str, Tally] | None = None,
    key: str = "",
) -> Picture:
    """Draw a process with where a case stands.

    Args:
        plan: The process as its file lays it out.
        progress: Where the case stands and has been; what lies between is concluded here.
        title: What the picture shows, for those who hear it.
        description: The same in a sentence: where the case stands.
        name: Gives names in the page's language.
        links: Addresses by node, such as the diagram of a called process.
        marks: What differs from another version, by id: ``added``, ``removed``, ``changed``.
        tallies: How many items stand at each node, where many cases are shown at once.
        key: Sets this picture apart from another one of the same process on the page.
    """
    known = follow(plan, progress)
    drawing = _Drawing(plan, known, name, links or {}, marks or {}, tallies or {}, key)
    return drawing.svg(title, description)


@dataclass(slots=True)
class _Drawing:
    plan: Plan
    progress: Progress
    name: Names
    links: Mapping[str, str]
    marks: Mapping[str, str]
    tallies: Mapping[str, Tally]
    key: str

    def svg(self, title: str, description: str) -> Picture:
        x, y, width, height = self._frame()
        key = "-".join(filter(None, ("diagram", self.plan.process_id, self.key)))
        root = etree.Element(
            "svg",
            {
                "viewBox": f"{x:g} {y:g} {width:g} {height:g}",
                "width": f"{width:g}",
                "height": f"{height:g}",
                "role": "group",
                "aria-labelledby": f"{key}-title {key}-about",
                "focusable": "false",
            },
        )
        add(root, "title", id=f"{key}-title").text = title
        add(root, "desc", id=f"{key}-about").text = description
        around = [node for node in self.plan.nodes if node.kind in {"participant", "lane"}]
        inside = [node for node in self.plan.nodes if node not in around]
        for index, node in enumerate(around):
            self._band(root, node, index)
        for node in inside:
            if node.is_expanded:
                self._node(root, node)
        for flow in self.plan.flows:
            self._flow(root, flow)
        for node in inside:
            if not node.is_expanded:
                self._node(root, node)
        return Picture(etree.tostring(root, encoding="unicode"))

    def _frame(self) -> tuple[float, float, float, float]:
        labels = [node.label for node in self.plan.nodes]
        labels += [flow.label for flow in self.plan.flows]
        boxes = [node.box for node in self.plan.nodes] + [label for label in labels if label]
        points = [point for flow in self.plan.flows for point in flow.points]
        xs = [box.x for box in boxes] + [x for x, _ in points] or [0]
        ys = [box.y for box in boxes] + [y for _, y in points] or [0]
        rights = [box.x + box.width for box in boxes] + [x for x, _ in points] or [0]
        lows = [box.y + box.height for box in boxes] + [y for _, y in points] or [0]
        left, top = min(xs) - _MARGIN, min(ys) - _MARGIN
        return left, top, max(rights) + _MARGIN - left, max(lows) + _MARGIN - top

    def _band(self, root: etree._Element, node: Node, index: int) -> None:
        box = node.box
        shade = " d-lane-alt" if node.kind == "lane" and index % 2 else ""
        group = add(root, "g", class_="d-band")
        rectangle(group, box, f"d-lane{shade}")
        add(group, "path", d=f"M{box.x + _BAND:g} {box.y:g}v{box.height:g}", class_="d-lane-line")
        _, middle = box.middle
        x = box.x + _BAND / 2
        kind = "process" if node.kind == "participant" else "lane"
        key = self.plan.process_id if node.kind == "participant" else node.id
        rows, size = fit(self.name(kind, key, node.name), box.height - 12, _BAND - 4, (12, 11, 10))
        text = add(
            group,
            "text",
            class_=f"d-lane-name d-size-{size}",
            transform=f"rotate(-90 {x:g} {middle:g})",
        )
        lines(text, rows, x, middle, size)
        if node.id in self.marks:
            mark(group, self.marks[node.id], x, box.y + _BAND / 2)

    def _node(self, root: etree._Element, node: Node) -> None:
        state = self.marks.get(node.id) or self.progress.state_of(node.id)
        # Where a case cannot come any more is pale; without a case everything is plain.
        away = "d-away" if self.progress.current else ""
        classes = [f"d-{_family(node)}", f"d-{state}" if state else away]
        classes += ["d-dashed"] if node.is_dashed else []
        classes += ["d-box-call"] if node.kind == "callActivity" else []
        classes += ["d-box-sub"] if node.is_expanded else []
        parent = root
        if node.id in self.links:
            parent = add(root, "a", href=self.links[node.id])
        group = add(parent, "g", class_=" ".join(filter(None, classes)))
        name = self.name("activity", node.id, node.name)
        tally = self.tallies.get(node.id)
        add(group, "title").text = _spoken(name or _kind_of(node), state, tally)
        if node.kind in _EVENTS:
            self._event(group, node, name)
        elif node.kind.endswith("Gateway"):
            self._gateway(group, node, name)
        else:
            self._activity(group, node, name)
        self._badges(group, node, state)
        if tally is not None:
            add_tally(group, node.box, tally)

    def _activity(self, group: etree._Element, node: Node, name: str) -> None:
        box = node.box
        rectangle(group, box, "d-shape", round_=8)
        if node.is_expanded:
            x = box.x + box.width / 2
            text = add(group, "text", class_="d-name")
            lines(text, wrap(name, box.width - 20, 12, 1), x, box.y + 16, 12)
            return
        has_sign = node.kind in LINES
        if has_sign:
            sign(group, LINES[node.kind], box.x + 13, box.y + 13)
        if node.is_box:
            sign(group, LINES["collapsed"], box.x + 13, box.y + 13)
        top = box.y + (17 if has_sign or node.is_box else 5)
        bottom = box.y + box.height - 5
        rows, size = fit(name, box.width - 12, bottom - top, _SIZES)
        text = add(group, "text", class_=f"d-name d-size-{size}")
        lines(text, rows, box.x + box.width / 2, (top + bottom) / 2, size)

    def _gateway(self, group: etree._Element, node: Node, name: str) -> None:
        box = node.box
        x, y = box.middle
        corners = f"{x:g},{box.y:g} {box.x + box.width:g},{y:g} {x:g},{box.y + box.height:g}"
        add(group, "polygon", points=f"{corners} {box.x:g},{y:g}", class_="d-shape")
        sign(group, LINES.get(node.kind, ""), x, y, "d-sign d-sign-thick")
        self._label(group, name, node.label, x, box.y + box.height + 4)

    def _event(self, group: etree._Element, node: Node, name: str) -> None:
        box = node.box
        x, y = box.middle
        radius = box.width / 2
        add(group, "circle", cx=f"{x:g}", cy=f"{y:g}", r=f"{radius:g}", class_="d-shape")
        if node.kind.startswith("intermediate") or node.kind == "boundaryEvent":
            inner = f"{radius - 3.5:g}"
            add(group, "circle", cx=f"{x:g}", cy=f"{y:g}", r=inner, class_="d-shape d-ring")
        if node.sign in FILLS:
            sign(group, FILLS[node.sign], x, y, "d-sign-full")
        elif node.sign in LINES:
            throws = node.sign in THROWN and node.kind in {"endEvent", "intermediateThrowEvent"}
            sign(group, LINES[node.sign], x, y, "d-sign d-sign-full" if throws else "d-sign")
        self._label(group, name, node.label, x, box.y + box.height + 4)

    def _label(
        self, group: etree._Element, name: str, label: Box | None, x: float, y: float
    ) -> None:
        if not name:
            return
        width = max(label.width if label else 0, 84)
        if label is not None:
            x, y = label.x + label.width / 2, label.y
        rows = wrap(name, width, 11, 4)
        text = add(group, "text", class_="d-label")
        lines(text, rows, x, y + len(rows) * 13 / 2, 11)

    def _badges(self, group: etree._Element, node: Node, state: str) -> None:
        """Say the state by a sign as well as by colour, and how often it was entered."""
        x, y = node.box.x + node.box.width, node.box.y
        if node.id in self.marks:
            mark(group, state, x, y)
        elif state == "current":
            add(group, "path", d=f"M{x - 3:g} {y - 9:g}l9 6l-9 6z", class_="d-badge")
        elif state == "been" and (node.is_human or node.is_box):
            add(group, "path", d=f"M{x - 13:g} {y + 8:g}l3 4l6-8", class_="d-tick")
        count = self.progress.counts.get(node.id, 0)
        if count > 1:
            left, low = node.box.x + 4, y + node.box.height - 2
            add(group, "circle", cx=f"{left:g}", cy=f"{low:g}", r="11", class_="d-badge")
            text = add(group, "text", class_="d-badge-text")
            lines(text, [f"{count}×"], left, low, 10)

    def _flow(self, root: etree._Element, flow: Flow) -> None:
        if len(flow.points) < 2:
            return
        walked = self.progress.current | self.progress.been
        was_taken = flow.source in self.progress.been and flow.target in walked
        state = self.marks.get(flow.id, "been" if was_taken else "way")
        group = add(root, "g", class_=f"d-{state}")
        add(group, "path", d=rounded(flow.points), class_="d-flow")
        head(group, flow.points)
        if flow.is_default:
            slash(group, flow.points)
        name = self.name("flow", flow.id, flow.name)
        if name:
            (x, y), (to_x, to_y) = flow.points[0], flow.points[1]
            self._label(group, name, flow.label, (x + to_x) / 2, (y + to_y) / 2 - 16)
        if flow.id in self.marks:
            mark(group, state, *towards(flow.points[0], flow.points[1], 22))


def _family(node: Node) -> str:
    if node.kind in _EVENTS:
        return "end" if node.kind == "endEvent" else "event"
    return "gateway" if node.kind.endswith("Gateway") else "task"


def _kind_of(node: Node) -> str:
    """Say what a node without a name does, to those who hear the picture."""
    if node.kind == "parallelGateway":
        return gettext("并行汇合或分开")
    return gettext("汇合或分支") if node.kind.endswith("Gateway") else gettext("节点")


def _spoken(name: str, state: str, tally: Tally | None = None) -> str:
    if tally is not None:
        return bracketed(name, tally.spoken())
    said = {
        "current": gettext("当前位置"),
        "been": gettext("已办"),
        "possible": gettext("可能到达"),
        "added": gettext("新增"),
        "removed": gettext("取消"),
        "changed": gettext("改动"),
    }
    return bracketed(name, said[state]) if state else name

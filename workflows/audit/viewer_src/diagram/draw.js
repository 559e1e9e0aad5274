// Drawing a plan as SVG, in the look of the program's own pages (webapp/diagram/draw.py).
import { t } from "../words/words.js";
import { add, head, lines, rectangle, rounded, sign, slash } from "./ink.js";
import { follow } from "./progress.js";
import { FILLS, LINES, THROWN } from "./signs.js";
import { fit, wrap } from "./text.js";

const EVENTS = new Set([
  "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent",
]);
const MARGIN = 12;
const BAND = 30; // the strip of a pool or lane that carries its name
const SIZES = [13, 12, 11, 10];
const AROUND = new Set(["participant", "lane"]);

/**
 * Draw a process with where a case stands.
 *
 * name(kind, id, written) gives names in the page's language; open(process) is called for a node that
 * calls a process of which there is something to see.
 */
export function draw(plan, progress, { title, description, name, canOpen, open }) {
  const picture = { plan, progress: follow(plan, progress), name, canOpen, open };
  const [x, y, width, height] = frame(plan);
  const root = add(null, "svg", "", {
    viewBox: `${x} ${y} ${width} ${height}`, width, height, role: "group", focusable: "false",
    "aria-labelledby": "diagram-title diagram-about",
  });
  add(root, "title", "", { id: "diagram-title" }).textContent = title;
  add(root, "desc", "", { id: "diagram-about" }).textContent = description;
  const around = plan.nodes.filter((node) => AROUND.has(node.kind));
  const inside = plan.nodes.filter((node) => !AROUND.has(node.kind));
  around.forEach((node, index) => band(root, picture, node, index));
  inside.filter((node) => node.isExpanded).forEach((node) => drawNode(root, picture, node));
  plan.flows.forEach((flow) => drawFlow(root, picture, flow));
  inside.filter((node) => !node.isExpanded).forEach((node) => drawNode(root, picture, node));
  return root;
}

function frame({ nodes, flows }) {
  const labels = [...nodes, ...flows].map((each) => each.label).filter(Boolean);
  const boxes = [...nodes.map((node) => node.box), ...labels];
  const points = flows.flatMap((flow) => flow.points);
  const all = (values) => (values.length ? values : [0]);
  const xs = all([...boxes.map((box) => box.x), ...points.map(([x]) => x)]);
  const ys = all([...boxes.map((box) => box.y), ...points.map(([, y]) => y)]);
  const rights = all([...boxes.map((box) => box.x + box.width), ...points.map(([x]) => x)]);
  const lows = all([...boxes.map((box) => box.y + box.height), ...points.map(([, y]) => y)]);
  const smallest = (values) => values.reduce((one, other) => Math.min(one, other));
  const largest = (values) => values.reduce((one, other) => Math.max(one, other));
  const [left, top] = [smallest(xs) - MARGIN, smallest(ys) - MARGIN];
  return [left, top, largest(rights) + MARGIN - left, largest(lows) + MARGIN - top];
}

function band(root, { plan, name }, node, index) {
  const { box } = node;
  const group = add(root, "g", "d-band");
  rectangle(group, box, `d-lane${node.kind === "lane" && index % 2 ? " d-lane-alt" : ""}`);
  add(group, "path", "d-lane-line", { d: `M${box.x + BAND} ${box.y}v${box.height}` });
  const [kind, key] = node.kind === "participant" ? ["process", plan.id] : ["lane", node.id];
  const [rows, size] = fit(name(kind, key, node.name), box.height - 12, BAND - 4, [12, 11, 10]);
  const [x, middle] = [box.x + BAND / 2, box.y + box.height / 2];
  const text = add(group, "text", `d-lane-name d-size-${size}`, { transform: `rotate(-90 ${x} ${middle})` });
  lines(text, rows, x, middle, size);
}

function stateOf({ current, been, possible }, id) {
  if (current.has(id)) return "current";
  if (been.has(id)) return "been";
  return possible.has(id) ? "possible" : "";
}

function drawNode(root, picture, node) {
  const { progress, name } = picture;
  const state = stateOf(progress, node.id);
  // Where a case cannot come any more is pale; a case that has ended is plain.
  const away = progress.current.size ? "d-away" : "";
  const classes = [`d-${family(node)}`, state ? `d-${state}` : away];
  if (node.isDashed) classes.push("d-dashed");
  if (node.kind === "callActivity") classes.push("d-box-call");
  if (node.isExpanded) classes.push("d-box-sub");
  const group = add(doorTo(root, picture, node), "g", classes.filter(Boolean).join(" "));
  const named = name("activity", node.id, node.name);
  add(group, "title").textContent = spoken(named || node.id, state);
  if (EVENTS.has(node.kind)) drawEvent(group, node, named);
  else if (node.kind.endsWith("Gateway")) drawGateway(group, node, named);
  else drawActivity(group, node, named);
  badges(group, node, state, progress.counts.get(node.id) ?? 0);
}

/** Let a call of a process that the case has been in open its diagram. */
function doorTo(root, { plan, canOpen, open }, node) {
  const called = plan.called.get(node.id);
  if (!called || !canOpen(called)) return root;
  const door = add(root, "g", "d-door", { tabindex: 0, role: "button" });
  door.addEventListener("click", () => open(called));
  door.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    open(called);
  });
  return door;
}

function drawActivity(group, node, name) {
  const { box } = node;
  rectangle(group, box, "d-shape", 8);
  const x = box.x + box.width / 2;
  if (node.isExpanded) {
    lines(add(group, "text", "d-name"), wrap(name, box.width - 20, 12, 1), x, box.y + 16, 12);
    return;
  }
  const path = LINES[node.kind] ?? (node.isBox ? LINES.collapsed : "");
  if (path) sign(group, path, box.x + 13, box.y + 13);
  const [top, bottom] = [box.y + (path ? 17 : 5), box.y + box.height - 5];
  const [rows, size] = fit(name, box.width - 12, bottom - top, SIZES);
  lines(add(group, "text", `d-name d-size-${size}`), rows, x, (top + bottom) / 2, size);
}

function drawGateway(group, node, name) {
  const { x, y, width, height } = node.box;
  const [middleX, middleY] = [x + width / 2, y + height / 2];
  const points = `${middleX},${y} ${x + width},${middleY} ${middleX},${y + height} ${x},${middleY}`;
  add(group, "polygon", "d-shape", { points });
  sign(group, LINES[node.kind] ?? "", middleX, middleY, "d-sign d-sign-thick");
  label(group, name, node.label, middleX, y + height + 4);
}

function drawEvent(group, node, name) {
  const [x, y] = [node.box.x + node.box.width / 2, node.box.y + node.box.height / 2];
  const radius = node.box.width / 2;
  add(group, "circle", "d-shape", { cx: x, cy: y, r: radius });
  if (node.kind.startsWith("intermediate") || node.kind === "boundaryEvent") {
    add(group, "circle", "d-shape d-ring", { cx: x, cy: y, r: Math.max(0, radius - 3.5) });
  }
  const throws = THROWN.has(node.sign) && ["endEvent", "intermediateThrowEvent"].includes(node.kind);
  if (FILLS[node.sign]) sign(group, FILLS[node.sign], x, y, "d-sign-full");
  else if (LINES[node.sign]) sign(group, LINES[node.sign], x, y, throws ? "d-sign d-sign-full" : "d-sign");
  label(group, name, node.label, x, node.box.y + node.box.height + 4);
}

function label(group, name, place, x, y) {
  if (!name) return;
  const width = Math.max(place?.width ?? 0, 84);
  const [left, top] = place ? [place.x + place.width / 2, place.y] : [x, y];
  const rows = wrap(name, width, 11, 4);
  lines(add(group, "text", "d-label"), rows, left, top + (rows.length * 13) / 2, 11);
}

/** Say the state by a sign as well as by colour, and how often it was entered. */
function badges(group, node, state, count) {
  const [x, y] = [node.box.x + node.box.width, node.box.y];
  if (state === "current") add(group, "path", "d-badge", { d: `M${x - 3} ${y - 9}l9 6l-9 6z` });
  else if (state === "been" && (node.isHuman || node.isBox)) {
    add(group, "path", "d-tick", { d: `M${x - 13} ${y + 8}l3 4l6-8` });
  }
  if (count < 2) return;
  const [left, low] = [node.box.x + 4, y + node.box.height - 2];
  add(group, "circle", "d-badge", { cx: left, cy: low, r: 11 });
  lines(add(group, "text", "d-badge-text"), [`${count}×`], left, low, 10);
}

function drawFlow(root, { progress, name }, flow) {
  if (flow.points.length < 2) return;
  const isWalked = (id) => progress.current.has(id) || progress.been.has(id);
  const wasTaken = progress.been.has(flow.source) && isWalked(flow.target);
  const group = add(root, "g", wasTaken ? "d-been" : "d-way");
  add(group, "path", "d-flow", { d: rounded(flow.points) });
  head(group, flow.points);
  if (flow.isDefault) slash(group, flow.points);
  const [[x, y], [toX, toY]] = flow.points;
  label(group, name("flow", flow.id, flow.name), flow.label, (x + toX) / 2, (y + toY) / 2 - 16);
}

function family({ kind }) {
  if (EVENTS.has(kind)) return kind === "endEvent" ? "end" : "event";
  return kind.endsWith("Gateway") ? "gateway" : "task";
}

function spoken(name, state) {
  return state ? t("diagram_spoken", { name, state: t(`diagram_${state}`) }) : name;
}

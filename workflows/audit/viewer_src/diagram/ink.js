// Pen strokes: the few SVG elements that diagrams are made of.

const SVG = "http://www.w3.org/2000/svg";

/** Add an element with a class and attributes to a parent, or make it alone. */
export function add(parent, tag, classes = "", attributes = {}) {
  const element = document.createElementNS(SVG, tag);
  if (classes) element.setAttribute("class", classes);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  parent?.append(element);
  return element;
}

export function rectangle(parent, { x, y, width, height }, classes, round = 0) {
  return add(parent, "rect", classes, { x, y, width, height, ...(round ? { rx: round } : {}) });
}

/** Draw a sign around a point. */
export function sign(parent, path, x, y, classes = "d-sign") {
  add(parent, "path", classes, { d: path, transform: `translate(${x} ${y})` });
}

/** Put lines around a height, their own middles evenly spaced. */
export function lines(text, rows, x, middle, size) {
  const step = size * 1.25;
  const first = middle - (step * (rows.length - 1)) / 2 + size * 0.36;
  rows.forEach((row, index) => {
    add(text, "tspan", "", { x, y: (first + index * step).toFixed(2) }).textContent = row;
  });
}

/** Write a way with rounded corners. */
export function rounded(points, radius = 6) {
  let path = `M${points[0].join(" ")}`;
  for (let at = 1; at < points.length - 1; at += 1) {
    const corner = points[at];
    const before = towards(corner, points[at - 1], radius);
    const after = towards(corner, points[at + 1], radius);
    path += `L${before.join(" ")}Q${corner.join(" ")} ${after.join(" ")}`;
  }
  // The line ends inside its head.
  const end = towards(points[points.length - 1], points[points.length - 2], 4);
  return `${path}L${end.join(" ")}`;
}

/** Give the point so far on the way, at most half way. */
function towards([x, y], [toX, toY], distance) {
  const length = Math.hypot(toX - x, toY - y);
  const share = length ? Math.min(0.5, distance / length) : 0;
  return [x + (toX - x) * share, y + (toY - y) * share];
}

/** Draw the head of an arrow. */
export function head(group, points) {
  const [[fromX, fromY], [x, y]] = points.slice(-2);
  const angle = Math.atan2(y - fromY, x - fromX);
  const corners = [[x, y]];
  for (const side of [angle + 2.75, angle - 2.75]) {
    corners.push([x + 9 * Math.cos(side), y + 9 * Math.sin(side)]);
  }
  const written = corners.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(" ");
  add(group, "polygon", "d-head", { points: written });
}

/** Mark the flow that is taken where no condition holds. */
export function slash(group, [start, next]) {
  const [x, y] = towards(start, next, 10);
  const angle = Math.atan2(next[1] - start[1], next[0] - start[0]) + 1;
  const [a, b] = [5 * Math.cos(angle), 5 * Math.sin(angle)];
  const [from, to] = [[x - a, y - b], [x + a, y + b]].map((point) => point.map((each) => each.toFixed(1)).join(" "));
  add(group, "path", "d-flow", { d: `M${from}L${to}` });
}

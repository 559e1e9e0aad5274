// Making elements. Text goes in as text nodes only: a bundle is hostile input.

/**
 * Make an element.
 *
 * Of `attributes`, `on` is an object of listeners and false, null and undefined leave an attribute out.
 * Children are elements, texts, or lists of them; nothing is left out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      Object.entries(value).forEach(([event, listener]) => element.addEventListener(event, listener));
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
  put(element, children);
  return element;
}

/** Put children at the end of an element. */
export function put(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === "") continue;
    element.append(child);
  }
  return element;
}

/** Put children in place of what is there. */
export function refill(element, ...children) {
  element.replaceChildren();
  return put(element, children);
}

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  right: "M3 8.5l3.5 3.5L13 4.5",
  wrong: "M4 4l8 8M12 4l-8 8",
  question: "M5.5 5.5a2.5 2.5 0 1 1 3.7 2.2c-.8.5-1.2 1-1.2 2M8 12.2v.3",
  running: "M8 2.5a5.5 5.5 0 1 1-5.5 5.5M8 5v3l2 1.5",
  up: "M8 13V3M4 7l4-4 4 4",
  clock: "M8 2a6 6 0 1 0 .01 0M8 5v3.5l2.3 1.5",
  task: "M3 8.5l3.5 3.5L13 4.5",
  officer: "M8 8a2.8 2.8 0 1 0-.01 0M2.8 14c.4-3 2.4-4.4 5.2-4.4s4.8 1.4 5.2 4.4",
  message: "M2 4h12v8.5H2zM2 4l6 5 6-5",
  house: "M2.5 8L8 3l5.5 5M4 7v6.5h8V7",
  back: "M13 8H3M7 4L3 8l4 4",
  mend: "M3 13l1-3 7-7 2 2-7 7z",
};

/** Draw a small sign that helps the eye; words beside it say the same. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  path.setAttribute("class", "line");
  svg.append(path);
  return svg;
}

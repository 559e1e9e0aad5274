// A diagram is moved by dragging and scrolling, and made larger by its buttons, by Ctrl and the
// wheel, by two fingers, or by + - 0. It changes at once: nothing moves that nobody moved.
// Without this script it scrolls as any wide thing does.

const LEAST = 0.2;
const MOST = 4;
const STEP = 1.25;
const DRAGGED = 4; // pixels before a press becomes a drag

export function startDiagrams(root) {
  for (const sheet of root.querySelectorAll("[data-diagram]")) start(sheet);
}

function start(sheet) {
  const frame = sheet.querySelector(".diagram");
  const drawing = frame.querySelector("svg");
  const tools = sheet.querySelector("[data-diagram-tools]");
  const said = tools.querySelector("output");
  const { width, height } = drawing.viewBox.baseVal;
  let scale = 1;

  // What lies under the given point of the window stays under it.
  function zoom(wanted, x, y) {
    const box = drawing.getBoundingClientRect();
    const [across, down] = [(x - box.left) / box.width, (y - box.top) / box.height];
    scale = Math.min(Math.max(wanted, LEAST), MOST);
    drawing.setAttribute("width", width * scale);
    drawing.setAttribute("height", height * scale);
    const now = drawing.getBoundingClientRect();
    frame.scrollLeft += now.left + across * now.width - x;
    frame.scrollTop += now.top + down * now.height - y;
    said.textContent = `${Math.round(scale * 100)}%`;
  }

  function zoomBy(factor) {
    const box = frame.getBoundingClientRect();
    zoom(scale * factor, box.left + box.width / 2, box.top + box.height / 2);
  }

  function fit() {
    const room = Math.min(frame.clientWidth / width, (window.innerHeight * 0.8) / height);
    zoom(Math.min(room, 1), 0, 0);
  }

  const orders = { in: () => zoomBy(STEP), out: () => zoomBy(1 / STEP), fit, here: () => showCurrent(frame) };
  const keys = { "+": "in", "=": "in", "-": "out", "0": "fit" };

  tools.addEventListener("click", (event) => orders[event.target.closest("[data-zoom]")?.dataset.zoom]?.());
  tools.classList.add("is-live");
  frame.classList.add("is-live");
  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in keys)) return;
    event.preventDefault();
    orders[keys[event.key]]();
  });
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const turned = Math.min(Math.max(event.deltaY, -50), 50);
    zoom(scale * Math.exp(-turned / 200), event.clientX, event.clientY);
  }, { passive: false });
  startPinching(frame, () => scale, zoom);
  startDragging(frame);
  showCurrent(frame);
}

function startPinching(frame, scaleNow, zoom) {
  let [apart, before] = [0, 1];
  const spread = ([one, other]) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  frame.addEventListener("touchstart", (event) => {
    if (event.touches.length !== 2) return;
    event.preventDefault();
    [apart, before] = [spread(event.touches), scaleNow()];
  }, { passive: false });
  frame.addEventListener("touchmove", (event) => {
    if (event.touches.length !== 2 || !apart) return;
    event.preventDefault();
    const [one, other] = event.touches;
    const [x, y] = [(one.clientX + other.clientX) / 2, (one.clientY + other.clientY) / 2];
    zoom((before * spread(event.touches)) / apart, x, y);
  }, { passive: false });
}

// Fingers drag by the browser's own scrolling.
function startDragging(frame) {
  let from = null;
  let dragged = false;
  frame.addEventListener("pointerdown", (event) => {
    dragged = false;
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    from = [event.clientX + frame.scrollLeft, event.clientY + frame.scrollTop];
  });
  frame.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [left, top] = [from[0] - event.clientX, from[1] - event.clientY];
    if (!dragged && Math.hypot(left - frame.scrollLeft, top - frame.scrollTop) < DRAGGED) return;
    if (!dragged) frame.setPointerCapture(event.pointerId);
    dragged = true;
    [frame.scrollLeft, frame.scrollTop] = [left, top];
  });
  for (const end of ["pointerup", "pointercancel"]) frame.addEventListener(end, () => { from = null; });
  // Letting go after a drag opens no link, and a link itself is not carried away.
  frame.addEventListener("click", (event) => { if (dragged) event.preventDefault(); }, true);
  frame.addEventListener("dragstart", (event) => event.preventDefault());
}

// A wide diagram opens where the case stands.
function showCurrent(frame) {
  const current = [...frame.querySelectorAll(".d-current")].pop();
  if (!current) return;
  const [place, box] = [current.getBoundingClientRect(), frame.getBoundingClientRect()];
  frame.scrollLeft += place.left + place.width / 2 - box.left - box.width / 2;
  frame.scrollTop += place.top + place.height / 2 - box.top - box.height / 2;
}

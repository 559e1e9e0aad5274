// What a BPMN file says of its nodes, flows and their places on paper.

const BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL";
const DI = "http://www.omg.org/spec/BPMN/20100524/DI";
const DC = "http://www.omg.org/spec/DD/20100524/DC";
const WAYPOINT = "http://www.omg.org/spec/DD/20100524/DI";
const DUBAN = "urn:duban:bpmn:1";
const HUMAN = new Set(["userTask", "manualTask", "task"]);
const BOXES = new Set(["subProcess", "callActivity"]);

/** Read the layout of a BPMN file; null where it is none, or declares entities. */
export function readPlan(content) {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(content)) return null;
  const document = new DOMParser().parseFromString(content, "application/xml");
  if (document.getElementsByTagName("parsererror").length) return null;
  const process = document.getElementsByTagNameNS(BPMN, "process")[0];
  if (!process) return null;
  const all = [...document.getElementsByTagNameNS("*", "*")];
  const elements = new Map(all.filter((each) => each.getAttribute("id")).map((each) => [each.getAttribute("id"), each]));
  const shapes = [...document.getElementsByTagNameNS(DI, "BPMNShape")];
  const drawn = shapes.filter((shape) => elements.has(shape.getAttribute("bpmnElement")));
  const nodes = drawn.map((shape) => readNode(elements.get(shape.getAttribute("bpmnElement")), shape));
  return {
    id: process.getAttribute("id") ?? "",
    name: process.getAttribute("name") ?? "",
    nodes: nodes.sort(byLayer),
    flows: [...readFlows(document)],
    called: new Map(calls(document)),
    ids: new Set(elements.keys()),
    forms: new Map(forms(all)),
    messages: new Map(messages(document)),
  };
}

/** Put what is around before what is inside, and boundary events on top. */
function byLayer(one, other) {
  const layer = (node) => ({ participant: 0, lane: 1, boundaryEvent: 3 })[node.kind] ?? 2;
  const size = (node) => (layer(node) === 2 ? node.box.width * node.box.height : 0);
  return layer(one) - layer(other) || size(other) - size(one);
}

function readNode(element, shape) {
  const kind = element.localName;
  const parent = element.parentElement;
  const label = shape.getElementsByTagNameNS(DI, "BPMNLabel")[0]?.getElementsByTagNameNS(DC, "Bounds")[0];
  const bounds = [...shape.children].find((each) => each.localName === "Bounds");
  const interrupts = element.getAttribute("cancelActivity") ?? element.getAttribute("isInterrupting");
  return {
    id: element.getAttribute("id"),
    kind,
    name: element.getAttribute("name") ?? "",
    box: readBox(bounds),
    label: label ? readBox(label) : null,
    sign: signOf(element),
    within: parent?.localName === "subProcess" ? parent.getAttribute("id") : "",
    attachedTo: element.getAttribute("attachedToRef") ?? "",
    isDashed: interrupts === "false",
    isExpanded: kind === "subProcess" && shape.getAttribute("isExpanded") !== "false",
    isHuman: HUMAN.has(kind),
    isBox: BOXES.has(kind),
  };
}

function signOf(element) {
  const found = [...element.children].find((child) => child.localName.endsWith("EventDefinition"));
  return found ? found.localName.slice(0, -"EventDefinition".length) : "";
}

function* readFlows(document) {
  const edges = new Map(
    [...document.getElementsByTagNameNS(DI, "BPMNEdge")].map((edge) => [edge.getAttribute("bpmnElement"), edge]),
  );
  const defaults = new Set(
    [...document.getElementsByTagNameNS(BPMN, "*")].map((each) => each.getAttribute("default")).filter(Boolean),
  );
  for (const flow of document.getElementsByTagNameNS(BPMN, "sequenceFlow")) {
    const id = flow.getAttribute("id") ?? "";
    const edge = edges.get(id);
    if (!edge) continue;
    const label = edge.getElementsByTagNameNS(DI, "BPMNLabel")[0]?.getElementsByTagNameNS(DC, "Bounds")[0];
    yield {
      id,
      name: flow.getAttribute("name") ?? "",
      source: flow.getAttribute("sourceRef") ?? "",
      target: flow.getAttribute("targetRef") ?? "",
      points: [...edge.getElementsByTagNameNS(WAYPOINT, "waypoint")].map((point) => [
        number(point, "x"), number(point, "y"),
      ]),
      label: label ? readBox(label) : null,
      isDefault: defaults.has(id),
    };
  }
}

function* calls(document) {
  for (const call of document.getElementsByTagNameNS(BPMN, "callActivity")) {
    yield [call.getAttribute("id"), call.getAttribute("calledElement") ?? ""];
  }
}

/** Give the form of each element that has one; a process' own is the form that starts a case. */
function* forms(all) {
  for (const element of all) {
    const form = element.getAttributeNS(DUBAN, "form") ?? element.getAttributeNS(DUBAN, "startForm");
    if (form) yield [element.getAttribute("id"), form];
  }
}

/** Give the node that waits for each message, by the message's name. */
function* messages(document) {
  const names = new Map(
    [...document.getElementsByTagNameNS(BPMN, "message")].map((each) => [each.getAttribute("id"), each.getAttribute("name")]),
  );
  for (const waiting of document.getElementsByTagNameNS(BPMN, "messageEventDefinition")) {
    const name = names.get(waiting.getAttribute("messageRef"));
    if (name) yield [name, waiting.parentElement.getAttribute("id")];
  }
}

function readBox(bounds) {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((key) => number(bounds, key));
  return { x, y, width: Math.max(0, width), height: Math.max(0, height) };
}

/** Read a length; a hostile one becomes a place on ordinary paper. */
function number(element, key) {
  const value = Number(element?.getAttribute(key) ?? 0);
  return Number.isFinite(value) ? Math.max(-20000, Math.min(20000, value)) : 0;
}

// Where a case stands in a diagram, where it has been and what may come.

/** Give the steps of a path such as call_rectification/term/plan#2 as [process id, node id] each. */
export function locate(plans, process, path) {
  const steps = [];
  let current = process;
  for (const part of path.split("#")[0].split("/")) {
    const plan = plans.get(current);
    if (!plan || !plan.ids.has(part)) return steps;
    steps.push([current, part]);
    if (plan.called.get(part)) current = plan.called.get(part);
  }
  return steps;
}

/** Sort the paths of a case by process: a called process is marked in its own diagram and its call too. */
export function progressByProcess(plans, process, current, been) {
  const found = new Map();
  const at = (id) => {
    if (!found.has(id)) found.set(id, { current: new Set(), been: new Set(), counts: new Map() });
    return found.get(id);
  };
  for (const [kind, paths] of [["current", current], ["been", been]]) {
    for (const path of paths) {
      const steps = locate(plans, process, path);
      for (const [id, node] of steps) at(id)[kind].add(node);
      const [last] = steps.slice(-1);
      const often = Number(path.split("#")[1] ?? 1);
      if (last && often > 1) {
        const { counts } = at(last[0]);
        counts.set(last[1], Math.max(often, counts.get(last[1]) ?? 0));
      }
    }
  }
  for (const each of found.values()) for (const node of each.current) each.been.delete(node);
  return found;
}

/** Give the messages that a marking waits for, as paths. */
export function awaited(plans, process, marking) {
  const found = [];
  const walk = (places, prefix) => {
    for (const [name, value] of Object.entries(places ?? {})) {
      const path = prefix + name;
      const [last] = locate(plans, process, path).slice(-1);
      if (last && isMessage(plans.get(last[0]), last[1])) found.push(path);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) walk(value, `${path}/`);
    }
  };
  walk(marking, "");
  return found;
}

function isMessage(plan, id) {
  const node = plan.nodes.find((each) => each.id === id);
  return node?.sign === "message" || node?.kind === "receiveTask";
}

/** Conclude which gateways and events were passed, and what can be reached from here. */
export function follow(plan, { current, been, counts }) {
  const [forward, backward] = neighbours(plan);
  const known = new Set([...current, ...been]);
  const automatic = new Set(
    plan.nodes.filter((node) => !node.isHuman && !node.isBox && !known.has(node.id)).map(({ id }) => id),
  );
  const starts = known.size ? plan.nodes.filter(({ kind }) => kind === "startEvent").map(({ id }) => id) : [];
  const passed = new Set([...reach([...been, ...starts], forward, automatic), ...starts]);
  const ledTo = reach(known, backward, automatic);
  const allBeen = new Set(been);
  for (const id of passed) if (ledTo.has(id) && automatic.has(id)) allBeen.add(id);
  const possible = reach(current, forward, null);
  for (const id of [...allBeen, ...current]) possible.delete(id);
  return { current, been: allBeen, possible, counts };
}

/** Give what follows each node and what precedes it; a box leads to its inside and edge. */
function neighbours(plan) {
  const pairs = plan.flows.map(({ source, target }) => [source, target]);
  for (const { id, kind, within, attachedTo } of plan.nodes) {
    if (attachedTo) pairs.push([attachedTo, id]);
    if (within && kind === "startEvent") pairs.push([within, id]);
    if (within && kind === "endEvent") pairs.push([id, within]);
  }
  const [forward, backward] = [new Map(), new Map()];
  const put = (map, key, value) => map.set(key, [...(map.get(key) ?? []), value]);
  for (const [source, target] of pairs) {
    put(forward, source, target);
    put(backward, target, source);
  }
  return [forward, backward];
}

/** Walk from the origins, only onto nodes of `through` where it is given. */
function reach(origins, edges, through) {
  const seen = new Set();
  const waiting = [...origins];
  while (waiting.length) {
    for (const target of edges.get(waiting.pop()) ?? []) {
      if (seen.has(target) || (through && !through.has(target))) continue;
      seen.add(target);
      waiting.push(target);
    }
  }
  return seen;
}

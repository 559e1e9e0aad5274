// j and k move between rows marked data-row, Enter opens, c claims, x ticks.

const TYPING = "input, textarea, select, button, a, summary, [contenteditable]";

function rows() {
  return [...document.querySelectorAll("[data-row]")];
}

function move(step) {
  const all = rows();
  const at = all.indexOf(document.activeElement?.closest("[data-row]"));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function press(row, selector) {
  row?.querySelector(selector)?.click();
}

// One box ticks all that can be ticked; without this script there is none.
export function startPicks() {
  const all = document.querySelector("[data-pick-all]");
  if (!all) return;
  const picks = [...document.querySelectorAll("[data-pick]")];
  const show = () => {
    const count = picks.filter((pick) => pick.checked).length;
    all.checked = count === picks.length;
    all.indeterminate = count > 0 && !all.checked;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const pick of picks) pick.checked = all.checked;
    show();
  });
  for (const pick of picks) pick.addEventListener("change", show);
  addEventListener("pageshow", show);
  show();
}

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const target = event.target;
    const row = target.closest?.("[data-row]");
    if (event.key === "Enter" && target === row) {
      press(row, "[data-open]");
      return;
    }
    // A letter typed into a field, or on a button, is not an order to the list.
    const mayOrder = target.matches?.("a, summary, [data-pick]");
    if (target !== row && target.matches?.(TYPING) && !mayOrder) return;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "c") press(row, "[data-claim]");
    else if (event.key === "x") press(row, "[data-pick]");
    else return;
    event.preventDefault();
  });
}

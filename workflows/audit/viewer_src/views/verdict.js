// What verifying found, long and short.
import { h, icon, refill } from "../dom.js";
import { sentenceOf, stageOf, t } from "../words/words.js";

/** Give the standing of the verification: running, failed, wrong, right or unsigned. */
export function standingOf({ verdict, failure }) {
  if (failure) return "failed";
  if (!verdict) return "running";
  if (verdict.problem) return "wrong";
  return verdict.isSigned ? "right" : "unsigned";
}

const ICONS = { running: "running", failed: "wrong", wrong: "wrong", right: "right", unsigned: "question" };

/** Show the standing in a word, with a sign, as a way to the overview. */
export function badge(state) {
  const standing = standingOf(state);
  return h(
    "a", { href: "#/", class: `badge badge-${standing}`, id: "badge" },
    icon(ICONS[standing]), h("span", { class: "badge-title" }, t("verdict_title"), t("colon")), t(`verdict_${standing}`),
  );
}

/** Show what was found, with a bar while it is being looked for. */
export function verdictBlock(state) {
  const standing = standingOf(state);
  const block = h("section", {
    class: `verdict verdict-${standing}`, "aria-labelledby": "verdict-title",
    "data-file": state.file.name, "data-standing": standing,
  });
  return refill(
    block,
    h("h2", { id: "verdict-title" }, t("verdict_title")),
    h("p", { class: "verdict-word" }, icon(ICONS[standing]), t(`verdict_${standing}`)),
    standing === "running" && bar("verify-bar", t("verdict_running"), state.share),
    state.failure && h("p", {}, sentenceOf(state.failure)),
    state.verdict && (state.verdict.problem ? wrong(state.verdict.problem) : right(state.verdict)),
  );
}

function wrong(problem) {
  return [
    h("p", { class: "verdict-lead" }, h("strong", {}, t("verdict_wrong_lead"))),
    h("p", { class: "problem" }, sentenceOf(problem)),
    h(
      "dl", { class: "pairs" },
      h("div", {}, h("dt", {}, t("verdict_stage")), h("dd", {}, stageOf(problem.code))),
      h("div", {}, h("dt", {}, t("verdict_code")), h("dd", {}, h("code", { id: "code" }, problem.code))),
    ),
    h("p", {}, t("verdict_wrong_warning")),
  ];
}

function right({ counts }) {
  return [
    h("p", {}, t("verdict_counts", counts)),
    h("p", {}, t("verdict_inside")),
    h("p", {}, t("verdict_selection")),
  ];
}

/** Show how much is done. */
export function bar(id, name, share) {
  const percent = Math.floor(100 * (share ?? 0));
  return h(
    "div", { class: "bar" },
    h("progress", { id, max: 100, value: percent, "aria-label": name }),
    h("span", { id: `${id}-words` }, t("progress", { percent })),
  );
}

/** Move a bar that is shown. */
export function moveBar(id, share) {
  const percent = Math.floor(100 * share);
  const shown = document.getElementById(id);
  if (!shown) return;
  shown.value = percent;
  document.getElementById(`${id}-words`).textContent = t("progress", { percent });
}

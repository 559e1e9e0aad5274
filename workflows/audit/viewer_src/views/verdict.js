// What verifying found, long and short.
import { h, icon, refill } from "../dom.js";
import { moment, sentenceOf, stageOf, t } from "../words/words.js";

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
    state.verdict && (state.verdict.problem ? wrong(state.verdict) : right(state.verdict)),
  );
}

function wrong({ problem, epochs, anchors }) {
  return [
    h("p", { class: "verdict-lead" }, h("strong", {}, t("verdict_wrong_lead"))),
    h("p", { class: "problem" }, sentenceOf(problem)),
    h(
      "dl", { class: "pairs" },
      h("div", {}, h("dt", {}, t("verdict_stage")), h("dd", {}, stageOf(problem.code))),
      h("div", {}, h("dt", {}, t("verdict_code")), h("dd", {}, h("code", { id: "code" }, problem.code))),
    ),
    gaps(epochs),
    copies(anchors),
    h("p", {}, t("verdict_wrong_warning")),
  ];
}

function right({ counts, isSigned, key, log, claimed: [start, end], epochs, anchors }) {
  const fields = counts.fields > 0 ? ` ${t("verdict_fields", counts)}` : "";
  const counted = h("p", {}, t("verdict_counts", counts), fields);
  if (!isSigned) return [counted, h("p", {}, t("verdict_forgeable")), h("p", {}, t("verdict_selection"))];
  const count = end - start;
  const isAnchored = anchors.length > 0 && anchors.every(({ answer }) => answer === "agrees");
  return [
    counted,
    h("p", {}, t("verdict_log", { size: log.size, at: moment(log.recordedAt) }), " ",
      count ? t("verdict_whole", { start, end: end - 1, count, sealed: log.sealed }) : t("verdict_selection")),
    gaps(epochs),
    copies(anchors),
    h("p", {}, h("strong", {}, t(isAnchored ? "verdict_anchored" : "verdict_alone", { count: anchors.length }))),
    h("p", {}, t("verdict_key", { name: key.name }), h("br"), h("code", { id: "fingerprint" }, key.fingerprint), h("br"),
      t(key.isKnown ? "verdict_key_known" : "verdict_key_unknown")),
    h("p", {}, t("verdict_root"), h("br"), h("code", { id: "root" }, `${log.size} ${log.root}`)),
  ];
}

function gaps(epochs) {
  return epochs.map(({ index, recordedAt, knownSize, knownAt }) =>
    h("p", {}, t("verdict_gap", { index, at: moment(recordedAt), size: knownSize, known: moment(knownAt) })));
}

function copies(anchors) {
  return anchors.map(({ label, problem }) =>
    h("p", {}, problem ? t("verdict_copy_other", { label, problem: sentenceOf(problem) }) : t("verdict_copy_agrees", { label })));
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

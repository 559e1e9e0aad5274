// The first page: choose a bundle.
import { h } from "../dom.js";
import { t } from "../words/words.js";

/** Show the page; choose(file) is called with the file that was chosen here. */
export function startView({ choose, refusal }) {
  const input = h("input", {
    type: "file", id: "file", accept: ".zip,application/zip",
    on: { change: () => input.files[0] && choose(input.files[0]) },
  });
  return [
    h("h1", { tabindex: -1 }, t("start_title")),
    refusal && h("div", { class: "notice notice-wrong", role: "alert" }, h("strong", {}, t("cannot_open")), h("p", {}, refusal)),
    h(
      "div", { class: "drop" },
      h("p", { class: "lead" }, t("start_lead")),
      h("p", {}, h("label", { for: "file", class: "file-label" }, t("start_choose")), input),
      h("p", { class: "quiet" }, t("start_not_unpacked")),
    ),
    h("h2", {}, t("start_what")),
    h("ul", {}, [1, 2, 3].map((number) => h("li", {}, t(`start_what_${number}`)))),
    h("p", { class: "quiet" }, t("start_trust")),
  ];
}

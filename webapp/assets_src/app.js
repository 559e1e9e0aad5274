import "htmx.org";
import { startDiagrams } from "./diagram.js";
import { startDays } from "./days.js";
import { focusRefusal, startForms } from "./forms.js";
import { startKeys, startPicks } from "./keys.js";
import { startWording } from "./wording.js";
import { startEarlier, startPickers, startSuggestions } from "./picker.js";

// The script is deferred and holds the first picture back: the page is whole and still unseen,
// and nothing moves under the reader's eyes when parts of it are hidden.
startForms(document);
startDays();
startKeys();
startPicks();
startWording(document);
startPickers(document);
startEarlier(document);
startSuggestions(document);
startDiagrams(document);
for (const button of document.querySelectorAll("[data-copy]")) startCopying(button);
for (const offer of document.querySelectorAll("[data-vanish]")) startVanishing(offer);
focusRefusal();

// What can be done for some seconds only is offered no longer; without this the server refuses.
function startVanishing(offer) {
  setTimeout(() => { offer.hidden = true; }, offer.dataset.vanish * 1000);
}

// Within the house pages often come without HTTPS, where a browser has no clipboard to write to.
function startCopying(button) {
  const field = document.getElementById(button.dataset.copy);
  button.addEventListener("click", () => {
    field.select();
    if (document.execCommand("copy")) button.textContent = field.dataset.copied;
  });
}

// On paper nothing can be unfolded any more.
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details:not([open])")) {
    each.open = true;
    each.dataset.unfolded = "1";
  }
});
// That a person's case was printed is on record, as that it was read.
addEventListener("beforeprint", () => {
  const note = document.querySelector("form[data-print-note]");
  if (note) fetch(note.action, { method: "POST", body: new FormData(note), keepalive: true });
});
addEventListener("afterprint", () => {
  for (const each of document.querySelectorAll("[data-unfolded]")) {
    each.open = false;
    delete each.dataset.unfolded;
  }
});

// What htmx brings in is given the same care as what came with the page.
document.addEventListener("htmx:after:swap", () => startForms(document));

import "bootstrap";
import "htmx.org";
import { startForms } from "./forms.js";
import { startKeys } from "./keys.js";

document.addEventListener("DOMContentLoaded", () => {
  startForms(document);
  startKeys();
});

// What htmx brings in is given the same care as what came with the page.
document.addEventListener("htmx:after:swap", () => startForms(document));

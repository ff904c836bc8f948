// Dialogs: the browser's own element keeps the focus inside and gives it back when they close.

import { h } from "./dom.js";
import { say } from "./language.js";

/** A dialog whose content is drawn each time it opens; @returns {{open, close}}. */
export function createDialog({ title, draw, wide = false }) {
  const heading = h("h2", { class: "dialog-title", tabindex: -1, id: `dialog-${title().toLowerCase().replace(/\W+/g, "-")}` });
  const body = h("div", { class: "dialog-body" });
  const close = h("button", { type: "button", class: "tool tool-icon", onclick: () => dialog.close() }, "✕");
  const dialog = h("dialog", { class: wide ? "dialog wide" : "dialog", "aria-labelledby": heading.id },
    h("header", { class: "dialog-bar" }, heading, close), body);
  dialog.addEventListener("click", (event) => {
    // A click on the backdrop is a click on the dialog itself.
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  return {
    open() {
      if (dialog.open) return;
      heading.textContent = title();
      close.setAttribute("aria-label", say("Close"));
      body.replaceChildren(...draw());
      dialog.showModal();
      (body.querySelector("input") ?? heading).focus();
      body.scrollTop = 0;
    },
    close: () => dialog.close(),
  };
}

// Buttons that copy text, and the note that says so.

import { byId, h } from "./dom.js";
import { say } from "./language.js";

let timer = 0;

/** Say something in passing, at the bottom of the page and to screen readers. */
export function toast(text) {
  const place = byId("toast");
  place.textContent = text;
  place.classList.add("shown");
  clearTimeout(timer);
  timer = setTimeout(() => {
    place.classList.remove("shown");
    place.textContent = "";
  }, 2500);
}

/** Copy text and say that it was done, or that it could not be. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(say("Copied"));
  } catch {
    toast(copyBySelection(text) ? say("Copied") : say("The browser does not allow copying."));
  }
}

// Without a secure context there is no clipboard object; the old command still works there.
function copyBySelection(text) {
  const before = document.activeElement;
  const area = h("textarea", { class: "unseen", "aria-hidden": "true" });
  area.value = text;
  (before?.closest("dialog") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus();
  return done;
}

/** A button that copies what ``text()`` gives. */
export function copyButton(label, text) {
  return h("button", { type: "button", class: "copy", onclick: () => copy(text()) }, label);
}

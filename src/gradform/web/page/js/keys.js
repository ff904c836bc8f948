// Keyboard: the shortcuts, and the list of them.

import { byId, h } from "./dom.js";
import { createDialog } from "./dialogs.js";
import { say } from "./language.js";

const REGIONS = [
  () => byId("formula"),
  () => byId("hero"),
  () => document.querySelector("[role=tab][aria-selected=true]"),
];

/** @returns {{open}} */
export function createKeys({ openExamples, openFunctions, applySuggestion }) {
  const dialog = createDialog({ title: () => say("Keyboard"), draw });
  document.addEventListener("keydown", (event) => {
    if (handled(event)) event.preventDefault();
  });

  function handled(event) {
    const command = event.ctrlKey || event.metaKey;
    const inDialog = document.querySelector("dialog[open]") !== null;
    if (event.altKey || inDialog) return false;
    if (event.key === "F6") return goRound(event.shiftKey ? -1 : 1);
    if (!command || event.shiftKey) return false;
    switch (event.key) {
      case "k": openExamples(); return true;
      case "/": dialog.open(); return true;
      case "i": openFunctions(); return true;
      case ".": return applySuggestion();
      default: return false;
    }
  }
  return { open: dialog.open };
}

function goRound(step) {
  const places = REGIONS.map((region) => region());
  const active = document.activeElement;
  const inside = [active.closest(".question"), active.closest(".hero"), active.closest(".panes")];
  const at = inside.findIndex(Boolean);
  const next = at < 0 ? 0 : (at + step + places.length) % places.length;
  places[next].focus();
  return true;
}

function draw() {
  const rows = [
    [["F6"], say("to the formula, the answer, the panes in turn; with Shift backwards")],
    [["Ctrl", "."], say("follow the suggestion under the formula")],
    [["Ctrl", "K"], say("examples")],
    [["Ctrl", "I"], say("functions")],
    [["Ctrl", "/"], say("this list")],
    [["Tab"], say("to the next field; it leaves the formula too")],
    [["←", "→"], say("between panes and between choices")],
    [["Esc"], say("close a list")],
  ];
  return [h("dl", { class: "keys" }, ...rows.flatMap(([keys, text]) => [
    h("dt", {}, ...keys.map((key) => h("kbd", {}, key))), h("dd", {}, text)])),
  h("p", { class: "small" }, say("On a Mac, ⌘ does what Ctrl does."))];
}

// Examples by topic.

import { load } from "./api.js";
import { createDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { currentLanguage, say } from "./language.js";
import { math } from "./math.js";
import { START } from "./state.js";

/** @returns {{open}}; ``onChoose(state)`` gets the state for an example. */
export function createGallery({ onChoose }) {
  let topics = null;
  const dialog = createDialog({
    title: () => say("Examples"),
    wide: true,
    draw: () => topics.map((topic) => section(topic, (example) => {
      dialog.close();
      onChoose(stateFor(example));
    })),
  });
  return {
    async open() {
      topics ??= (await load("examples")).topics;
      dialog.open();
    },
  };
}

function named(names) {
  return names[currentLanguage()] ?? names.en;
}

function section(topic, choose) {
  return h("section", { class: "topic" },
    h("h3", { class: "topic-name" }, named(topic.name)),
    h("div", { class: "examples" }, ...topic.examples.map((example) => h("button",
      { type: "button", class: "example", onclick: () => choose(example) },
      h("span", { class: "example-name" }, named(example.name)),
      math(example.latex, { plain: example.formula })))));
}

function stateFor(example) {
  return {
    ...START,
    formula: example.formula,
    wrt: example.wrt ?? null,
    order: example.order ?? 1,
    layout: example.layout ?? START.layout,
    variables: example.variables ?? {},
    at: example.at === undefined ? "" : String(example.at),
    pane: example.pane ?? START.pane,
  };
}

// What is wrong with the formula, under the editor, and a button that follows the suggestion.

import { byId, h } from "./dom.js";
import { toStringOffset } from "./highlight.js";
import { say } from "./language.js";

/** @returns {{show, clear, applySuggestion}} */
export function createProblem({ editor, textOf }) {
  const place = byId("problem");
  let suggestion = null;

  function apply() {
    if (!suggestion) return false;
    const { start, end, replacement } = suggestion;
    suggestion = null;
    editor.replace(start, end, replacement);
    return true;
  }

  return {
    show(details) {
      const range = rangeOf(details, textOf());
      editor.mark(range);
      suggestion = range && details.replacement
        ? { ...range, replacement: details.replacement } : null;
      place.replaceChildren(
        h("p", { class: "problem-message" },
          position(details, textOf()), details.message ?? ""),
        details.hint ? h("p", { class: "problem-hint" }, details.hint) : "",
        suggestion ? h("button",
          { type: "button", class: "suggestion", "aria-keyshortcuts": "Control+.", onclick: apply },
          say("Use {replacement}", { replacement: suggestion.replacement }),
          h("kbd", {}, "Ctrl .")) : "",
      );
      place.classList.add("shown");
    },
    clear() {
      editor.mark(null);
      suggestion = null;
      place.replaceChildren();
      place.classList.remove("shown");
    },
    applySuggestion: apply,
  };
}

function rangeOf(details, text) {
  if (details.start === null || details.start === undefined) return null;
  const end = details.end ?? details.start + 1;
  return { start: toStringOffset(text, details.start), end: toStringOffset(text, end) };
}

function position(details, text) {
  if (!details.column) return "";
  const told = text.includes("\n")
    ? say("Line {line}, column {column}", { line: details.line ?? 1, column: details.column })
    : say("Column {column}", { column: details.column });
  return h("span", { class: "problem-place" }, told);
}

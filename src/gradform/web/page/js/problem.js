// What is wrong with the formula, under the editor, and a button that follows the suggestion.

import { byId, h } from "./dom.js";
import { toStringOffset } from "./highlight.js";
import { say } from "./language.js";

/** @returns {{show, clear, applySuggestion}} */
export function createProblem({ editor, textOf }) {
  const place = byId("problem");
  let suggestions = [];

  /** Follow a suggestion, the first one if none is named; whether there was one. */
  function apply(suggestion = suggestions[0]) {
    if (!suggestion) return false;
    const { start, end, text } = suggestion;
    suggestions = [];
    editor.replace(start, end, text);
    return true;
  }

  return {
    show(details) {
      const range = rangeOf(details, textOf());
      editor.mark(range);
      suggestions = (details.replacements ?? []).map(({ start, end, text }) => (
        { ...rangeOf({ start, end }, textOf()), text }));
      place.replaceChildren(
        h("p", { class: "problem-message" },
          position(details, textOf()), details.message ?? ""),
        details.hint ? h("p", { class: "problem-hint" }, details.hint) : "",
        ...suggestions.map(button),
      );
      place.classList.add("shown");
    },
    clear() {
      editor.mark(null);
      suggestions = [];
      place.replaceChildren();
      place.classList.remove("shown");
    },
    applySuggestion: () => apply(),
  };

  function button(suggestion, position) {
    const shortcut = position === 0;
    return h("button",
      {
        type: "button", class: "suggestion", onclick: () => apply(suggestion),
        ...(shortcut ? { "aria-keyshortcuts": "Control+." } : {}),
      },
      told(suggestion),
      shortcut ? h("kbd", {}, "Ctrl .") : "");
  }
}

function told({ start, end, text }) {
  if (text === "") return say("Delete it");
  return start === end
    ? say("Insert {text}", { text }) : say("Use {replacement}", { replacement: text });
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

// The formula's editor: a plain textarea, which keyboards and screen readers know, over a painted
// copy of its text. The copy also gives the textarea its height.

import { byId, h } from "./dom.js";
import { markRange, piecesOf } from "./highlight.js";

/** @returns {{setText, mark, setWords, focus, replace}} */
export function createEditor({ onInput }) {
  const area = byId("formula");
  const paint = byId("editor").querySelector(".editor-paint");
  let words = { functions: new Set(), wrt: null };
  let range = null;

  function repaint() {
    const text = area.value;
    const pieces = markRange(piecesOf(text, words), range);
    const spans = pieces.map((piece) => (
      h("span", { class: piece.wrong ? `${piece.kind} wrong` : piece.kind }, piece.text)));
    if (range && range.start >= text.length) spans.push(h("span", { class: "wrong" }, "\u00a0"));
    // A last line without characters still has a height.
    paint.replaceChildren(...spans, "\u200b");
  }

  area.addEventListener("input", () => {
    range = null;
    repaint();
    onInput(area.value);
  });

  return {
    focus: () => area.focus(),
    setText(text) {
      if (area.value === text) return;
      area.value = text;
      range = null;
      repaint();
    },
    setWords(changes) {
      words = { ...words, ...changes };
      repaint();
    },
    /** Underline a range {start, end} of the text, or nothing. */
    mark(wrong) {
      range = wrong && { start: wrong.start, end: Math.max(wrong.end, wrong.start + 1) };
      if (wrong) area.setAttribute("aria-invalid", "true");
      else area.removeAttribute("aria-invalid");
      repaint();
    },
    /** Put text in the place of a range, as if it had been typed, so that it can be undone. */
    replace(start, end, text) {
      area.focus();
      area.setSelectionRange(start, end);
      const typed = document.execCommand("insertText", false, text);
      if (!typed) {
        area.setRangeText(text, start, end, "end");
        area.dispatchEvent(new Event("input"));
      }
    },
    /** Put text where the caret is, with the caret at ``inside`` characters from its end. */
    insert(text, inside) {
      this.replace(area.selectionStart, area.selectionEnd, text);
      const caret = area.selectionEnd - inside;
      area.setSelectionRange(caret, caret);
    },
  };
}

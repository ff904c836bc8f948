// Typesetting with KaTeX, within limits: what is too long or cannot be set is shown as text.

import { h, reachableWhileScrolling } from "./dom.js";
import { say } from "./language.js";

const LONGEST = 8000;
const OPTIONS = { throwOnError: true, trust: false, strict: "ignore", maxExpand: 200, maxSize: 20 };

/**
 * An element with the formula. ``display`` sets it apart on a line of its own, where it scrolls;
 * otherwise it is set as in a display but breaks between its terms when a line is full.
 */
export function math(latex, { display = false, plain = latex } = {}) {
  const element = h(display ? "div" : "span", { class: display ? "math math-display" : "math" });
  if (latex.length > LONGEST) return asText(element, plain, say("too long to typeset"));
  try {
    const source = display ? latex : `\\displaystyle ${latex}`;
    globalThis.katex.render(source, element, { ...OPTIONS, displayMode: display });
  } catch {
    // A formula of thousands of nested groups exhausts the stack: RangeError.
    return asText(element, plain, say("cannot be typeset"));
  }
  if (display) reachableWhileScrolling(element, () => say("Formula"));
  return element;
}

function asText(element, plain, note) {
  element.replaceChildren(
    h("code", { class: "math-text" }, plain), h("span", { class: "math-note" }, note));
  return element;
}

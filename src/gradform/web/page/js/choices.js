// Groups of radio buttons that look like chips; the browser gives them their keyboard.

import { freshId, h } from "./dom.js";

/**
 * Radio buttons in ``place``. ``show(options, chosen)`` draws them; an option is
 * {value, label: Node | string, title?}. Elements are kept while the options stay the same, so
 * that the focus stays as well.
 */
export function createChoice(place, { onChoose, kind = "chip" }) {
  const name = freshId("choice");
  let shown = "";

  function build(options) {
    place.replaceChildren(...options.map(({ value, label, title }) => {
      const input = h("input", { type: "radio", name, value: String(value), class: "unseen" });
      input.addEventListener("change", () => onChoose(value));
      return h("label", { class: kind, title }, input, h("span", { class: `${kind}-face` }, label));
    }));
  }

  return {
    show(options, chosen, version = "") {
      const key = JSON.stringify([version, options.map(({ value, title }) => [value, title])]);
      if (key !== shown) {
        const focused = place.contains(document.activeElement) ? document.activeElement.value : null;
        build(options);
        shown = key;
        if (focused !== null) {
          [...place.querySelectorAll("input")].find((input) => input.value === focused)?.focus();
        }
      }
      for (const input of place.querySelectorAll("input")) {
        input.checked = input.value === String(chosen);
      }
    },
  };
}

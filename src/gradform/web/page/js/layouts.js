// The choice of layout: each with its two names and a drawing of the shapes it gives.

import { byId, h, svgElement } from "./dom.js";
import { createChoice } from "./choices.js";
import { currentLanguage, say } from "./language.js";

const CELL = 5;
const STEP = 6;
const GAP = 9;
const HEIGHT = 3 * STEP;

// For y with m = 2 entries and x with n = 3: [rows, columns] of scalar by column, column by
// scalar, column by column.
const SHAPES = {
  ml: [[3, 1], [2, 1], [3, 2]],
  denominator: [[3, 1], [1, 2], [3, 2]],
  numerator: [[1, 3], [2, 1], [2, 3]],
  mixed: [[3, 1], [2, 1], [2, 3]],
};

/** @returns {{show}} */
export function createLayouts({ onChoose }) {
  const cards = h("div", { class: "cards" });
  const legend = h("p", { class: "small" });
  byId("layouts").replaceChildren(
    h("fieldset", { class: "choice" }, h("legend", { class: "unseen" }), cards), legend);
  const choice = createChoice(cards, { onChoose, kind: "card" });

  return {
    show(layouts, chosen) {
      byId("layouts").querySelector("legend").textContent = say("Layout");
      legend.textContent = say("Shapes of ∂y/∂𝐱, ∂𝐲/∂x and ∂𝐲/∂𝐱 for a column 𝐱 of 3 and a column 𝐲 of 2 entries.");
      choice.show(layouts.map(option), chosen, currentLanguage());
    },
  };
}

function option(layout) {
  const first = currentLanguage() === "zh" ? layout.zh : layout.en;
  const second = currentLanguage() === "zh" ? layout.en : layout.zh;
  return {
    value: layout.name,
    label: [
      h("span", {}, first,
        h("span", { class: "card-other", lang: currentLanguage() === "zh" ? "en" : "zh" }, second)),
      drawing(SHAPES[layout.name]),
    ],
  };
}

function drawing(shapes) {
  const parts = [];
  let left = 0;
  for (const [rows, columns] of shapes) {
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1) {
        parts.push(svgElement("rect", {
          x: left + column * STEP, y: (HEIGHT - rows * STEP) / 2 + row * STEP,
          width: CELL, height: CELL, rx: 1,
        }));
      }
    }
    left += columns * STEP + GAP;
  }
  const told = shapes.map(([rows, columns]) => `${rows}×${columns}`).join(", ");
  return svgElement("svg", {
    class: "card-drawing", viewBox: `0 0 ${left - GAP} ${HEIGHT}`, width: left - GAP, height: HEIGHT,
    role: "img", "aria-label": told,
  }, ...parts);
}

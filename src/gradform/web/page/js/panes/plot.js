// The plot of function and derivative, and the subdifferential at a point.

import { h } from "../dom.js";
import { currentLanguage, say } from "../language.js";
import { math } from "../math.js";
import { parseNumbers } from "../numbers.js";
import { createReply } from "../pane.js";
import { pictureOf } from "../svg.js";

export function createPlot(store) {
  const values = new Map();
  const fields = h("div", { class: "fields" });
  const plot = createReply(drawPlot);
  const set = createReply(drawSet);
  let current = null;
  let drawn = "";

  function ask() {
    const { question, answer } = current;
    const { at: text } = store.get();
    const others = Object.fromEntries(othersOf(answer)
      .map(({ name }) => [name, numberOr(values.get(name), 1)]));
    plot.show("plot", { ...question, at: pointOf(text), values: others });
    if (text.trim() === "") set.put(hintOf(answer));
    else set.show("subdifferential", { ...question, order: 1, at: exactOf(text), values: others });
  }

  function drawFields(answer) {
    const key = JSON.stringify([currentLanguage(), answer.question.wrt, othersOf(answer)]);
    if (key === drawn) return;
    drawn = key;
    const point = field(say("At {name} =", { name: answer.question.wrt }), store.get().at, (text) => store.set({ at: text }));
    point.input.placeholder = isScalar(answer) ? "0" : "[0, 1]";
    fields.replaceChildren(point.element, ...othersOf(answer).map(({ name }) => (
      field(`${name} =`, values.get(name) ?? "1", (text) => {
        values.set(name, text);
        ask();
      }).element)));
  }

  return {
    id: "plot",
    title: () => say("Plot"),
    element: h("div", {}, fields, plot.element, set.element),
    show(question, answer) {
      current = { question, answer };
      drawFields(answer);
      ask();
    },
  };
}

/** The scalars that are held while the variable varies. */
function othersOf({ question, variables }) {
  return variables.filter(({ name, kind }) => name !== question.wrt && kind === "scalar");
}

function isScalar({ question, variables }) {
  return variables.find(({ name }) => name === question.wrt)?.kind === "scalar";
}

function field(label, value, onInput) {
  const input = h("input", { type: "text", class: "number", value, autocomplete: "off", spellcheck: "false" });
  input.addEventListener("input", () => onInput(input.value));
  return { input, element: h("label", { class: "field" }, h("span", {}, label), input) };
}

function pointOf(text) {
  try {
    return text.trim() === "" ? null : parseNumbers(text);
  } catch {
    return null;
  }
}

/** Lists of numbers; a number as it is written, since 1/3 and sqrt(2) are exact there. */
function exactOf(text) {
  return text.includes("[") ? pointOf(text) ?? text : text.trim();
}

function numberOr(text, otherwise) {
  const point = pointOf(text ?? "");
  return typeof point === "number" ? point : otherwise;
}

function hintOf({ kinks }) {
  if (kinks.length === 0) return "";
  return h("p", { class: "small" },
    say("Enter a point where the derivative does not exist to see all subderivatives there."));
}

function drawPlot({ svg }) {
  return h("div", { class: "picture" }, pictureOf(svg));
}

function drawSet({ status, unicode, latex, explanation, svg }) {
  return h("section", { class: "subdifferential" },
    h("h3", { class: "label" }, say("Subdifferential"), " ", statusName(status)),
    latex ? h("div", { class: "subdifferential-set" }, math(latex, { plain: unicode }))
      : h("p", {}, unicode),
    h("ul", { class: "proof" }, ...explanation.map((fact) => h("li", {}, fact))),
    svg ? h("div", { class: "picture" }, pictureOf(svg)) : "");
}

function statusName(status) {
  switch (status) {
    case "EXACT": return say("(exact)");
    case "OUTER": return say("(contained in this set)");
    case "INNER": return say("(contains this set)");
    case "REFUSED": return say("(there is none)");
    default: return say("(not decided)");
  }
}

// The plot of function and derivative, and the subdifferential at a point.

import { copyButton } from "../copy.js";
import { h } from "../dom.js";
import { currentLanguage, say } from "../language.js";
import { math } from "../math.js";
import { fitted, parseNumbers } from "../numbers.js";
import { createReply } from "../pane.js";
import { sampleText } from "../samples.js";
import { pictureOf } from "../svg.js";

export function createPlot(store) {
  const typed = new Map();
  const fields = h("div", { class: "fields" });
  const plot = createReply(drawPlot);
  const set = createReply(drawSet);
  let current = null;
  let drawn = "";

  function ask() {
    const { question, answer } = current;
    const at = exactOf(store.get().at);
    const values = Object.fromEntries(othersOf(answer).map((variable) => (
      [variable.name, valueOf(typed.get(variable.name), variable, answer)])));
    plot.show("plot", { ...question, order: 1, at, values });
    if (at === null) set.put(hintOf(answer));
    else set.show("subdifferential", { ...question, order: 1, at, values });
  }

  function drawFields(answer) {
    const { wrt } = answer.question;
    const key = JSON.stringify([currentLanguage(), wrt, othersOf(answer), store.get().at === ""]);
    if (key === drawn || fields.contains(document.activeElement)) return;
    drawn = key;
    const point = field(say("At {name} =", { name: wrt }), store.get().at, (at) => store.set({ at }));
    point.querySelector("input").placeholder = isScalar(answer) ? "0" : "[0, 1]";
    fields.replaceChildren(point, ...othersOf(answer).map((variable) => {
      const { name } = variable;
      return field(`${name} =`, typed.get(name) ?? sampleOf(variable, answer), (text) => {
        typed.set(name, text);
        ask();
      });
    }));
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

/** What is held while the variable varies. */
function othersOf({ question, variables }) {
  return variables.filter(({ name }) => name !== question.wrt);
}

function isScalar({ question, variables }) {
  return variables.find(({ name }) => name === question.wrt)?.kind === "scalar";
}

/** Numbers to start with; the variable that is plotted has two entries at most. */
function sampleOf(variable, { question, variables }) {
  const plotted = variables.find(({ name }) => name === question.wrt);
  const pair = plotted?.kind === "column" ? { [plotted.shape[0]]: 2 } : {};
  return sampleText(variable, variables, pair).replace(/\n\s*/g, " ");
}

/** The numbers that are typed, or those to start with where these are none (yet). */
function valueOf(text, variable, answer) {
  for (const each of [text, sampleOf(variable, answer)]) {
    const value = each === undefined ? null : fitted(numbersIn(each) ?? [], variable.kind);
    if (value !== null) return value;
  }
  return 1;
}

function numbersIn(text) {
  try {
    return parseNumbers(text);
  } catch {
    return null;
  }
}

/** Lists of numbers; a number as it is written, since 1/3 and sqrt(2) are exact there. */
function exactOf(text) {
  if (text.trim() === "") return null;
  return text.includes("[") ? numbersIn(text) ?? text : text.trim();
}

function field(label, value, onInput) {
  const size = Math.min(Math.max(value.length + 1, 6), 28);
  const input = h("input", {
    type: "text", class: "number", value, size, autocomplete: "off", spellcheck: "false",
  });
  input.addEventListener("input", () => onInput(input.value));
  return h("label", { class: "field" }, h("span", {}, label), input);
}

function hintOf({ kinks }) {
  if (kinks.length === 0) return "";
  return h("p", { class: "small" },
    say("Enter a point where the derivative does not exist to see all subderivatives there."));
}

function drawPlot({ svg, file }) {
  return [framed(svg), h("div", { class: "copies" }, h("span", { class: "caption" }, say("Copy")),
    copyButton("SVG", () => file))];
}

function framed(svg) {
  return h("div", { class: "picture plot" }, pictureOf(svg));
}

function drawSet({ status, unicode, latex, explanation, svg }) {
  const none = status === "REFUSED" || status === "UNDECIDED";
  return h("section", { class: "subdifferential" },
    h("h3", { class: "caption" }, say("Subdifferential"), " ", none ? "" : statusName(status)),
    none ? h("p", {}, unicode)
      : h("div", { class: "subdifferential-set" }, math(latex, { plain: unicode })),
    h("ul", { class: "proof" }, ...explanation.map((fact) => h("li", {}, fact))),
    // The plot above shows what there is; the chord that refutes convexity is only here.
    svg && none ? framed(svg) : "");
}

function statusName(status) {
  switch (status) {
    case "OUTER": return say("(contained in this set)");
    case "INNER": return say("(contains this set)");
    default: return say("(exact)");
  }
}

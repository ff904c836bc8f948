// "Check at my numbers": the person's arrays in; value, derivative and finite difference out.

import { h } from "../dom.js";
import { currentLanguage, say } from "../language.js";
import { scientific } from "../hero.js";
import { fitted, parseNumbers, shapeOf, shortNumber } from "../numbers.js";
import { createReply } from "../pane.js";
import { sampleText } from "../samples.js";

const MOST_SHOWN = 8;
const PAUSE_MILLISECONDS = 250;

export function createCheck() {
  const typed = new Map();
  const form = h("div", { class: "arrays" });
  const reply = createReply(draw);
  let current = null;
  let drawn = "";
  let timer = 0;

  function ask() {
    const values = {};
    for (const variable of current.answer.variables) {
      const { value, error } = readValue(typed.get(variable.name).value, variable.kind);
      typed.get(variable.name).tell(error ?? sizeText(value));
      if (error) return reply.put(h("p", { class: "small" }, say("Numbers are missing.")));
      values[variable.name] = value;
    }
    return reply.show("evaluate", { ...current.question, values });
  }

  function drawFields({ variables }) {
    const key = JSON.stringify([currentLanguage(), variables.map(({ name, kind, shape, structures }) => [name, kind, shape, structures])]);
    if (key === drawn) return;
    drawn = key;
    const fields = variables.map((variable) => arrayField(variable, variables, () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE_MILLISECONDS);
    }, typed.get(variable.name)));
    typed.clear();
    variables.forEach(({ name }, index) => typed.set(name, fields[index]));
    form.replaceChildren(...fields.map((field) => field.element));
  }

  return {
    id: "check",
    title: () => say("Your numbers"),
    element: h("div", {}, form, reply.element),
    show(question, answer) {
      current = { question, answer };
      drawFields(answer);
      ask();
    },
  };
}

/** A field for one array; what was typed before is kept while the person's own. */
function arrayField(variable, variables, onInput, before) {
  const sample = sampleText(variable, variables);
  const own = before?.own ?? false;
  const area = h("textarea", {
    class: "array", rows: variable.kind === "matrix" ? 3 : 1, spellcheck: "false",
    autocomplete: "off", autocapitalize: "off",
  });
  area.value = own ? before.value : sample;
  const told = h("span", { class: "array-size" });
  const field = {
    own,
    element: h("label", { class: "array-field" },
      h("span", { class: "array-name" }, h("code", {}, variable.name), told), area),
    get value() {
      return area.value;
    },
    tell(text) {
      told.textContent = text;
    },
  };
  area.addEventListener("input", () => {
    field.own = true;
    onInput();
  });
  return field;
}

function readValue(text, kind) {
  if (text.trim() === "") return { error: say("empty") };
  let value;
  try {
    value = parseNumbers(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { error: say("not a number: {text}", { text: error.message }) };
  }
  const found = fitted(value, kind);
  if (found === null) return { error: say("does not fit") };
  return { value: found };
}

function sizeText(value) {
  const shape = shapeOf(value);
  return shape.length === 0 ? "" : shape.join(" × ");
}

function draw({ value, derivative, difference, worst_error: error }) {
  return h("div", { class: "results" },
    result(say("Value"), value),
    result(say("Derivative, by the formula"), derivative),
    result(say("Derivative, by differences"), difference),
    error === null
      ? h("p", { class: "small" }, say("Some of it does not exist at these numbers."))
      : h("p", { class: "agreement" }, say("Largest relative difference: {error}", { error: scientific(error) })));
}

function result(name, value) {
  return h("section", {}, h("h3", { class: "caption" }, name), tableOf(value));
}

/** Numbers as a column, a row or a table; the first few of each axis. */
function tableOf(value) {
  const shape = value === null ? [] : shapeOf(value) ?? [];
  if (shape.length > 2) return h("pre", { class: "numbers-raw" }, JSON.stringify(value));
  const rows = shape.length === 0 ? [[value]] : shape.length === 1 ? value.map((each) => [each]) : value;
  const shown = rows.slice(0, MOST_SHOWN).map((row) => h("tr", {},
    ...row.slice(0, MOST_SHOWN).map((each) => h("td", {}, shortNumber(each))),
    row.length > MOST_SHOWN ? h("td", {}, "…") : ""));
  return h("div", { class: "numbers-frame" }, h("table", { class: "numbers" }, h("tbody", {}, ...shown,
    rows.length > MOST_SHOWN ? h("tr", {}, h("td", {}, "⋮")) : "")));
}

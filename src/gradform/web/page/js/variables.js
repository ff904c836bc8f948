// The table of variables: types, sizes and structures, as they were inferred, to be edited.

import { byId, h } from "./dom.js";
import { currentLanguage, say } from "./language.js";
import { math } from "./math.js";
import { KINDS } from "./state.js";

const AXES = { scalar: [], column: ["n"], row: ["1", "n"], matrix: ["m", "n"] };
const SIZE = /^[A-Za-z0-9_+\-* ]{1,40}$/;

/**
 * ``onDeclare(name, variable | null)`` is called when a row is edited or given back to inference.
 * @returns {{show}}
 */
export function createVariables({ onDeclare }) {
  const body = h("tbody");
  const head = h("thead");
  const empty = h("p", { class: "small" });
  const table = h("table", { class: "variables" }, head, body);
  byId("variables").replaceChildren(table, empty);
  let rows = new Map();
  let language = "";

  function tellHead() {
    const titles = [say("Name"), say("Type"), say("Size"), say("Structure")];
    head.replaceChildren(h("tr", {}, ...titles.map((title) => h("th", { scope: "col" }, title)),
      h("th", { scope: "col" }, h("span", { class: "unseen" }, say("Inferred or declared")))));
    empty.textContent = say("No variables yet.");
  }

  return {
    show(variables, structures) {
      if (language !== currentLanguage()) {
        language = currentLanguage();
        tellHead();
        rows = new Map();
      }
      table.hidden = variables.length === 0;
      empty.hidden = !table.hidden;
      const kept = new Map(variables.map((variable) => {
        const row = rows.get(variable.name) ?? createRow(variable.name, structures, onDeclare);
        row.update(variable);
        return [variable.name, row];
      }));
      const elements = [...kept.values()].map((row) => row.element);
      const same = elements.length === body.children.length
        && elements.every((element, index) => element === body.children[index]);
      if (!same) body.replaceChildren(...elements);
      rows = kept;
    },
  };
}

/** One row; it keeps its elements, so that editing is not interrupted by an answer. */
function createRow(name, structures, onDeclare) {
  let variable = null;
  const symbol = h("th", { scope: "row", class: "symbol" });
  const kind = h("select", { "aria-label": say("Type of {name}", { name }) },
    h("option", { value: "", hidden: true }, say("type")),
    ...KINDS.map((each) => h("option", { value: each }, kindName(each))));
  const sizes = h("span", { class: "sizes" });
  const words = createStructures(name, structures, (chosen) => declare({ structures: chosen }));
  const mark = h("td", { class: "origin" });
  const element = h("tr", {}, symbol, h("td", {}, kind), h("td", {}, sizes),
    h("td", {}, words.element), mark);

  kind.addEventListener("change", () => {
    const shape = shapeFor(kind.value, variable.shape);
    declare({ kind: kind.value, shape, structures: [] });
  });

  function declare(changes) {
    const { kind: type, shape, structures: chosen } = { ...variable, ...changes };
    onDeclare(name, { kind: type, shape: [...shape], structures: [...chosen] });
  }

  function drawSizes() {
    const editable = variable.shape.filter((size, axis) => !(variable.kind === "row" && axis === 0));
    if (sizes.querySelectorAll("input").length !== editable.length || sizes.dataset.kind !== variable.kind) {
      sizes.dataset.kind = variable.kind;
      sizes.replaceChildren(...sizeInputs(name, variable, (shape) => declare({ shape })));
    }
    for (const [index, input] of sizes.querySelectorAll("input").entries()) {
      if (input !== document.activeElement) input.value = editable[index];
    }
  }

  function drawMark() {
    mark.replaceChildren(variable.inferred
      ? h("span", { class: "inferred", title: say("Inferred from the letter; edit it to declare it.") }, say("inferred"))
      : h("button", { type: "button", class: "undo", title: say("Infer {name} again", { name }),
        "aria-label": say("Infer {name} again", { name }), onclick: () => onDeclare(name, null) }, "↺"));
  }

  return {
    element,
    update(next) {
      const before = variable;
      variable = { ...next, shape: next.shape.map(String) };
      if (before === null || before.latex !== next.latex) {
        symbol.replaceChildren(math(next.latex, { plain: name }));
      }
      kind.value = next.kind ?? "";
      drawSizes();
      words.show(next.structures);
      if (before === null || before.inferred !== next.inferred) drawMark();
    },
  };
}

function sizeInputs(name, variable, onShape) {
  const inputs = [];
  const parts = variable.kind === "row" ? ["1 ×\u00a0"] : [];
  variable.shape.forEach((size, axis) => {
    if (variable.kind === "row" && axis === 0) return;
    if (inputs.length > 0) parts.push("\u00a0×\u00a0");
    const input = h("input", {
      type: "text", class: "size", maxlength: 40, autocapitalize: "off", autocomplete: "off",
      spellcheck: "false", "aria-label": sizeLabel(name, variable.kind, axis),
    });
    inputs.push(input);
    parts.push(input);
    input.addEventListener("input", () => {
      const values = inputs.map((each) => each.value.trim());
      input.toggleAttribute("aria-invalid", !SIZE.test(input.value.trim()));
      if (!values.every((value) => SIZE.test(value))) return;
      onShape(variable.kind === "row" ? ["1", ...values] : values);
    });
  });
  return parts;
}

function sizeLabel(name, kind, axis) {
  if (kind !== "matrix") return say("Number of entries of {name}", { name });
  return axis === 0 ? say("Rows of {name}", { name }) : say("Columns of {name}", { name });
}

function shapeFor(kind, before) {
  const names = before.filter((size) => size !== "1");
  if (kind === "scalar") return [];
  if (kind === "column") return [names[0] ?? "n"];
  if (kind === "row") return ["1", names.at(-1) ?? "n"];
  return names.length === 2 ? names : [names[0] ?? AXES.matrix[0], names[0] === "n" ? "m" : "n"];
}

function createStructures(name, structures, onChange) {
  const element = h("span", { class: "structures" });
  let shown = null;
  return {
    element,
    show(chosen) {
      const key = chosen.join();
      if (key === shown) return;
      shown = key;
      const others = structures.filter((word) => !chosen.includes(word));
      const adding = h("select", { class: "adding", "aria-label": say("Add a structure to {name}", { name }) },
        h("option", { value: "" }, chosen.length > 0 ? "+" : "—"),
        ...others.map((word) => h("option", { value: word }, structureName(word))));
      adding.addEventListener("change", () => {
        if (adding.value) onChange([...chosen, adding.value]);
      });
      element.replaceChildren(...chosen.map((word) => h("button", {
        type: "button", class: "structure",
        "aria-label": say("Remove {structure} from {name}", { structure: structureName(word), name }),
        onclick: () => onChange(chosen.filter((each) => each !== word)),
      }, structureName(word), h("span", { "aria-hidden": "true" }, "×"))), adding);
    },
  };
}

function kindName(kind) {
  switch (kind) {
    case "scalar": return say("scalar");
    case "column": return say("column");
    case "row": return say("row");
    default: return say("matrix");
  }
}

function structureName(word) {
  switch (word) {
    case "symmetric": return say("symmetric");
    case "spd": return say("positive definite");
    case "diagonal": return say("diagonal");
    case "orthogonal": return say("orthogonal");
    case "positive": return say("positive");
    case "lower_positive": return say("lower triangular, positive diagonal");
    case "unit": return say("between 0 and 1");
    case "pm1": return say("entries ±1");
    case "binary": return say("entries 0 or 1");
    case "onehot": return say("one-hot");
    case "simplex": return say("on the simplex");
    case "large": return say("above 4");
    case "toeplitz": return say("Toeplitz");
    case "symmetric_toeplitz": return say("symmetric Toeplitz");
    default: return word.replaceAll("_", " ");
  }
}

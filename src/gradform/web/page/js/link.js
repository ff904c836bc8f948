// The state as the fragment of the address, to share. It is text that is checked field by field;
// nothing in it is ever run, and what is not understood is left out.

import { DERIVATIONS, KINDS, LAYOUTS, PANES, START, TARGETS } from "./state.js";

const VERSION = "1";
const LONGEST_FORMULA = 4000;
const MOST_VARIABLES = 60;
const NAME = /^[\p{L}_][\p{L}\p{N}_]{0,63}$/u;
const BY = /^[\p{L}_][\p{L}\p{N}_]{0,63}'?$/u; // a variable, or its transpose
const SIZE = /^[A-Za-z0-9_+\-* ]{1,40}$/;
const STRUCTURE = /^[a-z][a-z0-9_]{0,31}$/;
const POINT = /^[0-9A-Za-z+\-*/^()., [\]]{0,100}$/; // 1/3, sqrt(2), [0, 1]

/** The fragment, without "#", for a state. Fields with their usual value are left out. */
export function fragmentOf(state) {
  const fields = new URLSearchParams();
  fields.set("v", VERSION);
  fields.set("f", state.formula);
  if (state.wrt !== null) fields.set("by", state.wrt);
  for (const name of ["order", "layout", "pane", "derivation", "target", "at"]) {
    if (state[name] !== START[name]) fields.set(name, String(state[name]));
  }
  if (state.detail) fields.set("detail", "1");
  for (const [name, each] of Object.entries(state.variables)) {
    fields.append("var", [name, each.kind, each.shape.join(","), each.structures.join(",")].join(":"));
  }
  return fields.toString();
}

/**
 * The state for a fragment: {state, ignored}. ``state`` is null where there is none, ``ignored``
 * says whether some of it was not understood.
 */
export function stateOf(fragment) {
  const text = fragment.replace(/^#/, "");
  if (text === "") return { state: null, ignored: false };
  const fields = new URLSearchParams(text);
  const formula = fields.get("f");
  if (fields.get("v") !== VERSION || formula === null || [...formula].length > LONGEST_FORMULA) {
    return { state: null, ignored: true };
  }
  const read = { ignored: false };
  const state = {
    ...START,
    formula,
    wrt: checked(read, fields, "by", (value) => BY.test(value), null),
    order: Number(oneOf(read, fields, "order", ["1", "2"], "1")),
    layout: oneOf(read, fields, "layout", LAYOUTS, START.layout),
    pane: oneOf(read, fields, "pane", PANES, START.pane),
    derivation: oneOf(read, fields, "derivation", DERIVATIONS, START.derivation),
    target: oneOf(read, fields, "target", TARGETS, START.target),
    detail: oneOf(read, fields, "detail", ["0", "1"], "0") === "1",
    at: checked(read, fields, "at", (value) => POINT.test(value), ""),
    variables: variablesOf(read, fields.getAll("var")),
  };
  return { state: Object.freeze(state), ignored: read.ignored };
}

function checked(read, fields, name, holds, otherwise) {
  const value = fields.get(name);
  if (value === null) return otherwise;
  if (holds(value)) return value;
  read.ignored = true;
  return otherwise;
}

function oneOf(read, fields, name, allowed, otherwise) {
  return checked(read, fields, name, (value) => allowed.includes(value), otherwise);
}

function variablesOf(read, texts) {
  const entries = texts.slice(0, MOST_VARIABLES).map(variableOf);
  if (texts.length > MOST_VARIABLES || entries.includes(null)) read.ignored = true;
  return Object.fromEntries(entries.filter((entry) => entry !== null));
}

const AXES = { scalar: 0, column: 1, row: 2, matrix: 2 };

function variableOf(text) {
  const [name, kind, sizes, words, ...rest] = text.split(":");
  if (rest.length > 0 || words === undefined || !NAME.test(name) || !KINDS.includes(kind)) return null;
  const shape = sizes === "" ? [] : sizes.split(",");
  const structures = words === "" ? [] : words.split(",");
  const fits = shape.length === AXES[kind] && shape.every((size) => SIZE.test(size));
  if (!fits || !structures.every((word) => STRUCTURE.test(word))) return null;
  if (kind === "row" && shape[0] !== "1") return null;
  return [name, { kind, shape, structures }];
}

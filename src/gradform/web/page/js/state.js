// What the person has chosen. Everything on the page follows from it, and so does the link.

export const KINDS = ["scalar", "column", "row", "matrix"];
export const LAYOUTS = ["ml", "denominator", "numerator", "mixed"];
export const PANES = ["derivation", "graph", "plot", "forms", "code", "check"];
export const DERIVATIONS = ["chain", "differential", "componentwise"];
export const TARGETS = [
  "latex", "markdown", "numpy", "native", "jax", "torch", "dask", "julia", "matlab", "c",
];

/** The state of a fresh page. */
export const START = Object.freeze({
  formula: "norm2(A*x - y)^2",
  wrt: "x",
  order: 1,
  layout: "ml",
  variables: {},
  pane: "derivation",
  derivation: "chain",
  detail: false,
  target: "numpy",
  at: "",
});

/** A value that tells its listeners when it changes. */
export function createStore(initial) {
  let value = initial;
  const listeners = new Set();
  return {
    get: () => value,
    set(changes) {
      const names = Object.keys(changes).filter((name) => value[name] !== changes[name]);
      if (names.length === 0) return;
      value = Object.freeze({ ...value, ...changes });
      for (const listener of listeners) listener(value, names);
    },
    subscribe(listener) {
      listeners.add(listener);
    },
  };
}

/**
 * The question that the API is asked. A variable of differentiation that is not in the formula
 * (any more) is left to the server to choose; so are shapes of variables that are not.
 */
export function questionOf(state, language) {
  const names = new Set(state.formula.match(/[\p{L}_][\p{L}\p{N}_]*/gu) ?? []);
  const declared = Object.entries(state.variables).filter(([name]) => names.has(name))
    .map(([name, each]) => [name, { ...each, shape: each.shape.map(sizeOf) }]);
  const question = {
    formula: state.formula,
    wrt: state.wrt !== null && names.has(state.wrt.replace(/'$/, "")) ? state.wrt : null,
    order: state.order,
    layout: state.layout,
    language,
  };
  if (declared.length > 0) question.variables = Object.fromEntries(declared);
  return question;
}

/** Numbers as numbers, names as names. */
function sizeOf(size) {
  return /^\d+$/.test(size) ? Number(size) : size;
}

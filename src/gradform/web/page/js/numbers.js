// Numbers as people paste them: JSON, NumPy, MATLAB, Julia, or cells of a spreadsheet.

const TOKENS = /(?<number>[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?:\/\d+)?)|(?<open>[[({])|(?<close>[\])}])|(?<row>;|\n)|(?<blank>[\s,]+)|(?<other>.)/gsu;
const WRAPPING = /^\s*(?:[A-Za-z_][\w.]*\s*=\s*)?(?:(?:[A-Za-z_]\w*\.)?(?:array|tensor|matrix|asarray)\s*\()?/;
const TYPE = /,?\s*(?:dtype|device)\s*=\s*[^,\])]+/g;

/** A number or nested lists of numbers; throws SyntaxError with what is not a number. */
export function parseNumbers(text) {
  const bare = text.replace(WRAPPING, "").replace(TYPE, "");
  const wrapped = bare.length < text.length && /array|tensor|matrix/.test(text);
  const inside = wrapped ? bare.replace(/\)\s*;?\s*$/, "") : bare.replace(/;\s*$/, "");
  const tokens = [...inside.matchAll(TOKENS)].map(tokenOf).filter((token) => token.kind !== "blank");
  const state = { tokens, at: 0 };
  const rows = readRows(state);
  if (state.at < tokens.length) throw new SyntaxError(tokens[state.at].text);
  return simplify(rows);
}

function tokenOf(match) {
  const [kind] = Object.entries(match.groups).find(([, value]) => value !== undefined);
  if (kind === "other") throw new SyntaxError(match[0]);
  return { kind, text: match[0] };
}

/** Rows of items up to a closing bracket or the end. */
function readRows(state) {
  const rows = [[]];
  while (state.at < state.tokens.length) {
    const token = state.tokens[state.at];
    if (token.kind === "close") break;
    state.at += 1;
    if (token.kind === "row") rows.push([]);
    else if (token.kind === "number") rows.at(-1).push(numberOf(token.text));
    else rows.at(-1).push(readBracket(state));
  }
  return rows.filter((row) => row.length > 0);
}

function readBracket(state) {
  const rows = readRows(state);
  if (state.at >= state.tokens.length) throw new SyntaxError("]");
  state.at += 1;
  if (rows.length === 0) throw new SyntaxError("[]");
  if (rows.some((row) => row.some(Array.isArray))) return rows.flat();
  return rows.length === 1 ? rows[0] : rows;
}

function numberOf(text) {
  const [above, below] = text.replace("−", "-").split("/").map(Number);
  return below === undefined ? above : above / below;
}

function simplify(rows) {
  if (rows.length === 0) throw new SyntaxError("");
  if (rows.length > 1) return rows;
  return rows[0].length === 1 ? rows[0][0] : rows[0];
}

/** The shape of nested lists, or null when they are not rectangular. */
export function shapeOf(value) {
  if (!Array.isArray(value)) return [];
  const shapes = value.map(shapeOf);
  const [first] = shapes;
  if (shapes.some((shape) => shape === null || shape.join() !== first.join())) return null;
  return [value.length, ...first];
}

/** The value as a variable of a kind takes it; null where it does not fit. */
export function fitted(value, kind) {
  const shape = shapeOf(value);
  if (shape === null) return null;
  const flat = [value].flat(Infinity);
  const axes = shape.filter((size) => size !== 1).length;
  switch (kind) {
    case "scalar": return flat.length === 1 ? flat[0] : null;
    case "column": return axes <= 1 ? flat : null;
    case "row": return axes <= 1 ? [flat] : null;
    default: return shape.length === 2 ? value : shape.length < 2 ? [flat] : null;
  }
}

/** A number for reading: six digits. */
export function shortNumber(value) {
  if (value === null || !Number.isFinite(value)) return "–";
  return String(Number(value.toPrecision(6))).replace("-", "−");
}

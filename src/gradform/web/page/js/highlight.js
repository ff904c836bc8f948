// Colours for the formula: cuts the text into spans by what they are. It only paints; the server
// alone decides what the text means.

const PIECES = new RegExp(
  [
    /(?<name>[\p{L}_][\p{L}\p{N}_₀-₉]*)/u,
    /(?<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)/u,
    /(?<sign>[-+*/^@'.⊙·×−=<>!≤≥≠ᵀ²³⁰-⁹⁻]+)/u,
    /(?<mark>[()[\]{},;:])/u,
    /(?<rest>\s+|.)/su,
  ].map((piece) => piece.source).join("|"),
  "gsu",
);

/**
 * The pieces of a text as {text, kind, start}: kind is "function", "variable", "wrt", "number",
 * "sign", "mark" or "rest". ``words`` knows {functions: Set, wrt: string | null}.
 */
export function piecesOf(text, words) {
  const pieces = [];
  for (const match of text.matchAll(PIECES)) {
    const group = Object.entries(match.groups).find(([, value]) => value !== undefined);
    const kind = group[0] === "name" ? kindOfName(text, match, words) : group[0];
    pieces.push({ text: match[0], kind, start: match.index });
  }
  return pieces;
}

function kindOfName(text, match, words) {
  const name = match[0];
  if (name === words.wrt) return "wrt";
  const called = /^\s*\(/.test(text.slice(match.index + name.length));
  return called && words.functions.has(name) ? "function" : "variable";
}

/** Cut pieces at an underlined range [start, end), and mark those inside it. */
export function markRange(pieces, range) {
  if (!range) return pieces;
  const cut = [];
  for (const piece of pieces) {
    const ends = [0, range.start - piece.start, range.end - piece.start, piece.text.length];
    const places = [...new Set(ends.map((end) => clamp(end, piece.text.length)))];
    for (let i = 0; i + 1 < places.length; i += 1) {
      const start = piece.start + places[i];
      const wrong = start >= range.start && start < range.end;
      cut.push({ ...piece, text: piece.text.slice(places[i], places[i + 1]), start, wrong });
    }
  }
  return cut;
}

function clamp(value, largest) {
  return Math.min(Math.max(value, 0), largest);
}

/** Offsets that count characters, as the server's do, as offsets into a JavaScript string. */
export function toStringOffset(text, characters) {
  return [...text].slice(0, characters).join("").length;
}

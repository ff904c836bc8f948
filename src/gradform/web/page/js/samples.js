// Numbers to start with in "Your numbers": small, of fitting sizes, with the declared structure.

const SIZES = [3, 2, 4, 5];

/** The text of an array for a variable among all variables. */
export function sampleText(variable, variables) {
  const [rows = 1, columns = 1] = variable.shape.map((size) => sizeOf(size, variables));
  const seed = variables.findIndex(({ name }) => name === variable.name);
  const has = (word) => variable.structures.includes(word);
  switch (variable.kind) {
    case "scalar": return written(entry(seed, 0, 0));
    case "column": return listed(vector(rows, seed, has));
    case "row": return listed(vector(columns, seed, has));
    default: return `[${matrix(rows, columns, seed, has).map(listed).join(",\n ")}]`;
  }
}

/** Every named size gets a number of its own; numbers, sums and products are worked out. */
function sizeOf(size, variables) {
  const names = [...new Set(variables.flatMap(({ shape }) => shape.flatMap(namesIn)))];
  const factors = String(size).split(/(?=[+-])/).map((term) => {
    const sign = term.startsWith("-") ? -1 : 1;
    return sign * term.replace(/^[+-]/, "").split("*")
      .map((factor) => valueOf(factor.trim(), names)).reduce((product, each) => product * each, 1);
  });
  return Math.max(1, factors.reduce((sum, each) => sum + each, 0));
}

function namesIn(size) {
  return String(size).match(/[A-Za-z_]\w*/g) ?? [];
}

function valueOf(factor, names) {
  if (/^\d+$/.test(factor)) return Number(factor);
  return SIZES[names.indexOf(factor) % SIZES.length] ?? 1;
}

/** Fixed numbers between 0.2 and 1.9 without a pattern that shows. */
function entry(seed, row, column) {
  return (((seed + 1) * 7 + row * 11 + column * 5 + row * column * 3) % 18) / 10 + 0.2;
}

function vector(size, seed, has) {
  const plain = Array.from({ length: size }, (_, index) => entry(seed, index, 0));
  if (has("onehot")) return plain.map((_, index) => (index === 0 ? 1 : 0));
  if (has("pm1")) return plain.map((_, index) => (index % 2 === 0 ? 1 : -1));
  if (has("binary")) return plain.map((_, index) => (index % 2 === 0 ? 1 : 0));
  if (has("simplex")) return plain.map(() => 1 / size);
  if (has("unit")) return plain.map((_, index) => (index === 0 ? 1 : 0));
  return plain;
}

function matrix(rows, columns, seed, has) {
  const square = has("symmetric") || has("spd") || has("symmetric_toeplitz");
  return Array.from({ length: rows }, (_, row) => Array.from({ length: columns }, (__, column) => {
    if (has("orthogonal")) return row === column ? 1 : 0;
    if (has("diagonal")) return row === column ? entry(seed, row, 0) : 0;
    if (has("lower_positive") && column > row) return 0;
    if (has("toeplitz") || has("symmetric_toeplitz")) {
      return (square ? Math.abs(row - column) : row - column + columns) + 1;
    }
    if (square) {
      const [low, high] = row < column ? [row, column] : [column, row];
      return entry(seed, low, high) + (low === high ? 2 * rows : 0);
    }
    return entry(seed, row, column) + (rows === columns && row === column ? rows : 0);
  }));
}

function listed(numbers) {
  return `[${numbers.map(written).join(", ")}]`;
}

function written(number) {
  return String(Number(number.toFixed(4)));
}

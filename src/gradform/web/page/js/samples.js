// Numbers to start with in "Your numbers": small, of fitting sizes, with the declared structure.

const SIZES = [3, 2, 4, 5];

/** The text of an array for a variable among all variables; some sizes may be given by name. */
export function sampleText(variable, variables, given = {}) {
  const [rows = 1, columns = 1] = variable.shape.map((size) => sizeOf(size, variables, given));
  const seed = variables.findIndex(({ name }) => name === variable.name);
  const has = (word) => variable.structures.includes(word);
  switch (variable.kind) {
    case "scalar": return written(within(entry(seed, 0, 0), has));
    case "column": return listed(vector(rows, seed, has));
    case "row": return listed(vector(columns, seed, has));
    default: return `[${matrix(rows, columns, seed, has).map(listed).join(",\n ")}]`;
  }
}

/** The names in the sizes of variables. */
export function sizeNames(variables) {
  return [...new Set(variables.flatMap(({ shape }) => shape.flatMap(namesIn)))];
}

/** A small number for the name of a size; neighbours differ. */
export function usualSize(index) {
  return SIZES[index % SIZES.length];
}

/** Every named size gets a number of its own; numbers, sums and products are worked out. */
function sizeOf(size, variables, given) {
  const names = sizeNames(variables);
  const factors = String(size).split(/(?=[+-])/).map((term) => {
    const sign = term.startsWith("-") ? -1 : 1;
    return sign * term.replace(/^[+-]/, "").split("*")
      .map((factor) => valueOf(factor.trim(), names, given)).reduce((product, each) => product * each, 1);
  });
  return Math.max(1, factors.reduce((sum, each) => sum + each, 0));
}

function namesIn(size) {
  return String(size).match(/[A-Za-z_]\w*/g) ?? [];
}

function valueOf(factor, names, given) {
  if (/^\d+$/.test(factor)) return Number(factor);
  if (Object.hasOwn(given, factor)) return given[factor];
  return usualSize(names.indexOf(factor));
}

/** Between 0 and 1, or above 4, where that is declared. */
function within(number, has) {
  if (has("unit")) return number / 2;
  return has("large") ? number + 4 : number;
}

/** Fixed numbers between 0.2 and 1.9 without a pattern that shows. */
function entry(seed, row, column) {
  return (((seed + 1) * 7 + row * 11 + column * 5 + row * column * 3) % 18) / 10 + 0.2;
}

function vector(size, seed, has) {
  const plain = Array.from({ length: size }, (_, index) => within(entry(seed, index, 0), has));
  if (has("onehot")) return plain.map((_, index) => (index === 0 ? 1 : 0));
  if (has("pm1")) return plain.map((_, index) => (index % 2 === 0 ? 1 : -1));
  if (has("binary")) return plain.map((_, index) => (index % 2 === 0 ? 1 : 0));
  if (has("simplex")) return plain.map(() => 1 / size);
  return plain;
}

function matrix(rows, columns, seed, has) {
  const symmetric = has("symmetric") || has("spd");
  // Far from singular, so that inverses and determinants are tame.
  const diagonal = rows !== columns || has("unit") ? 0 : symmetric ? 2 * rows : rows;
  const at = (row, column) => {
    if (has("orthogonal")) return Number(row === column);
    if (has("onehot")) return Number(row % columns === column);
    if (has("binary")) return (row + column) % 2;
    if (has("pm1")) return 1 - 2 * ((row + column) % 2);
    if (has("simplex")) return 1 / columns;
    if (has("symmetric_toeplitz")) return 1 + Math.abs(row - column);
    if (has("toeplitz")) return 1 + row - column + columns;
    if (row !== column && has("diagonal")) return 0;
    if (row < column && has("lower_positive")) return 0;
    const [low, high] = symmetric && row > column ? [column, row] : [row, column];
    return within(entry(seed, low, high) + (row === column ? diagonal : 0), has);
  };
  return Array.from({ length: rows }, (_, row) => (
    Array.from({ length: columns }, (__, column) => at(row, column))));
}

function listed(numbers) {
  return `[${numbers.map(written).join(", ")}]`;
}

function written(number) {
  return String(Number(number.toFixed(4)));
}

// Reads a JSON list of LaTeX formulas from standard input and writes those that KaTeX
// refuses as a JSON list of {formula, error}.
import { readFileSync } from "node:fs";
import katex from "katex";

const failures = [];
for (const formula of JSON.parse(readFileSync(0, "utf8"))) {
  try {
    katex.renderToString(formula, { displayMode: true, throwOnError: true, strict: "error" });
  } catch (error) {
    failures.push({ formula, error: String(error.message) });
  }
}
process.stdout.write(JSON.stringify(failures));

// The derivative as source code, for each target.

import { createChoice } from "../choices.js";
import { copyButton } from "../copy.js";
import { h, reachableWhileScrolling } from "../dom.js";
import { currentLanguage, say } from "../language.js";
import { createReply } from "../pane.js";
import { sizeNames, usualSize } from "../samples.js";
import { TARGETS } from "../state.js";

const NAMES = {
  latex: "LaTeX", markdown: "Markdown", numpy: "NumPy", jax: "JAX", torch: "PyTorch", dask: "Dask",
  julia: "Julia", matlab: "MATLAB", c: "C",
};

export function createCode(store) {
  const sizes = createSizes(() => ask());
  const chips = h("div", { class: "chips" });
  const legend = h("legend", { class: "unseen" });
  const choice = createChoice(chips, { onChoose: (target) => store.set({ target }) });
  const reply = createReply(draw);
  let current = null;

  function ask() {
    const { target } = store.get();
    // Native code is written for sizes that are known.
    const more = target === "native" ? { sizes: sizes.values() } : {};
    reply.show("code", { ...current, target, ...more });
  }

  return {
    id: "code",
    title: () => say("Code"),
    element: h("div", {},
      h("div", { class: "pane-tools" }, h("fieldset", { class: "choice" }, legend, chips)),
      sizes.element, reply.element),
    show(question, answer) {
      current = question;
      const { target } = store.get();
      legend.textContent = say("Language of the code");
      choice.show(TARGETS.map((value) => ({ value, label: NAMES[value] ?? say("Native C") })), target,
        currentLanguage());
      sizes.show(answer.variables, target === "native");
      ask();
    },
  };
}

const LARGEST = 1000;

/** Fields for the sizes that have names. */
function createSizes(onInput) {
  const element = h("div", { class: "fields" });
  const chosen = new Map();
  return {
    element,
    show(variables, visible) {
      element.hidden = !visible;
      const names = sizeNames(variables);
      if (names.join() === [...chosen.keys()].join()) return;
      const before = new Map(chosen);
      chosen.clear();
      names.forEach((name, index) => chosen.set(name, before.get(name) ?? usualSize(index)));
      element.replaceChildren(...names.map((name) => field(name, chosen, onInput)));
    },
    values: () => Object.fromEntries(chosen),
  };
}

function field(name, chosen, onInput) {
  const input = h("input", { type: "number", class: "number", min: 1, max: LARGEST, value: chosen.get(name) });
  input.addEventListener("input", () => {
    const size = Number(input.value);
    if (!Number.isInteger(size) || size < 1 || size > LARGEST) return;
    chosen.set(name, size);
    onInput();
  });
  return h("label", { class: "field" }, h("span", {}, `${name} =`), input);
}

function draw({ source, language }) {
  const block = h("pre", { class: "source" }, h("code", {}, ...coloured(source, language)));
  reachableWhileScrolling(block, () => say("Code"));
  return h("div", { class: "source-frame" }, copyButton(say("Copy"), () => source), block);
}

const COMMENTS = { julia: "#", matlab: "%", c: "//", native: "//", latex: "%", markdown: null };
const WORDS = "def return import from as for in if else elif function end while static const double "
  + "int void float long size_t restrict using lambda and or not None True False raise";

/** Comments, strings, numbers and keywords in spans; enough to read by. */
function coloured(source, language) {
  if (language === "markdown" || language === "latex") return [source];
  const comment = COMMENTS[language] ?? "#";
  const words = WORDS.split(" ").join("|");
  const pieces = new RegExp(
    `(?<comment>${comment}[^\\n]*|/\\*[^]*?\\*/|"""[^]*?""")|(?<string>"[^"\\n]*")`
    + `|(?<word>\\b(?:${words})\\b)|(?<number>\\b\\d+(?:\\.\\d*)?(?:[eE][-+]?\\d+)?\\b)`, "g");
  const spans = [];
  let done = 0;
  for (const match of source.matchAll(pieces)) {
    const [kind] = Object.entries(match.groups).find(([, value]) => value !== undefined);
    spans.push(source.slice(done, match.index), h("span", { class: `code-${kind}` }, match[0]));
    done = match.index + match[0].length;
  }
  return [...spans, source.slice(done)];
}

// The derivative as source code, for each target.

import { createChoice } from "../choices.js";
import { copyButton } from "../copy.js";
import { h, reachableWhileScrolling } from "../dom.js";
import { currentLanguage, say } from "../language.js";
import { createReply } from "../pane.js";
import { TARGETS } from "../state.js";

const NAMES = {
  latex: "LaTeX", markdown: "Markdown", numpy: "NumPy", jax: "JAX", torch: "PyTorch", dask: "Dask",
  julia: "Julia", matlab: "MATLAB", c: "C",
};

export function createCode(store) {
  const chips = h("div", { class: "chips" });
  const legend = h("legend", { class: "unseen" });
  const choice = createChoice(chips, { onChoose: (target) => store.set({ target }) });
  const reply = createReply(draw);
  return {
    id: "code",
    title: () => say("Code"),
    element: h("div", {},
      h("div", { class: "pane-tools" }, h("fieldset", { class: "choice" }, legend, chips)),
      reply.element),
    show(question) {
      const { target } = store.get();
      legend.textContent = say("Language of the code");
      choice.show(TARGETS.map((value) => ({ value, label: NAMES[value] ?? say("Native C") })), target,
        currentLanguage());
      reply.show("code", { ...question, target });
    },
  };
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

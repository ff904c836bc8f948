// Where the formula comes from: three ways to derive it, step by step.

import { createChoice } from "../choices.js";
import { copyButton } from "../copy.js";
import { h } from "../dom.js";
import { scientific } from "../hero.js";
import { currentLanguage, say } from "../language.js";
import { math } from "../math.js";
import { createReply } from "../pane.js";
import { DERIVATIONS } from "../state.js";

export function createDerivation(store) {
  const ways = h("div", { class: "chips" });
  const legend = h("legend", { class: "unseen" });
  const detail = h("input", { type: "checkbox" });
  const detailText = h("span");
  const choice = createChoice(ways, { onChoose: (derivation) => store.set({ derivation }) });
  detail.addEventListener("change", () => store.set({ detail: detail.checked }));
  const reply = createReply(draw);

  return {
    id: "derivation",
    title: () => say("Derivation"),
    element: h("div", {},
      h("div", { class: "pane-tools" },
        h("fieldset", { class: "choice" }, legend, ways),
        h("label", { class: "check" }, detail, detailText)),
      reply.element),
    show(question) {
      const { derivation, detail: detailed } = store.get();
      legend.textContent = say("Way to derive");
      detailText.textContent = say("Every step");
      choice.show(DERIVATIONS.map((value) => ({ value, label: wayName(value) })), derivation,
        currentLanguage());
      detail.checked = detailed;
      reply.show("derivation", { ...question, kind: derivation, detail: detailed });
    },
  };
}

function wayName(way) {
  switch (way) {
    case "chain": return say("Chain rule");
    case "differential": return say("Differential");
    default: return say("By entries");
  }
}

function draw(derivation) {
  return [
    h("ol", { class: "steps" }, ...derivation.steps.map(step)),
    h("p", { class: "small steps-checked" }, say("Every line was checked at random points; worst relative error {error}.",
      { error: scientific(derivation.worst_error) })),
    h("div", { class: "copies" }, h("span", { class: "caption" }, say("Copy")),
      copyButton("LaTeX", () => derivation.latex),
      copyButton("Markdown", () => derivation.markdown),
      copyButton(say("Text"), () => derivation.text)),
  ];
}

function step({ title, latex, unicode, reason }) {
  return h("li", { class: "step" },
    h("h3", { class: "step-title" }, title),
    // Some steps only say what comes next.
    unicode ? math(latex, { display: true, plain: unicode }) : "",
    reason ? h("p", { class: "step-reason" }, reason) : "");
}

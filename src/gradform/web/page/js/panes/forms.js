// The same derivative in other notations.

import { copyButton } from "../copy.js";
import { h } from "../dom.js";
import { say } from "../language.js";
import { math } from "../math.js";

export function createForms() {
  const list = h("dl", { class: "forms" });
  return {
    id: "forms",
    title: () => say("Other forms"),
    element: list,
    show(question, { answer, forms }) {
      const rows = [
        [say("Entry by entry"), math(forms.index_latex, { display: true, plain: forms.index }), forms.index],
        [say("Differential"), code(forms.differential), forms.differential],
        [say("As a Kronecker product"), forms.kronecker && code(forms.kronecker), forms.kronecker],
        [say("Unicode"), code(`${answer.quotient} = ${answer.unicode}`), answer.unicode],
        [say("In the input language"), code(answer.text), answer.text],
        ["LaTeX", code(answer.latex), answer.latex],
      ];
      list.replaceChildren(...rows.filter(([, shown]) => shown).flatMap(([name, shown, text]) => [
        h("dt", {}, h("span", { class: "caption" }, name), copyButton(say("Copy"), () => text)),
        h("dd", {}, shown),
      ]));
    },
  };
}

function code(text) {
  return h("code", { class: "form-code" }, text);
}

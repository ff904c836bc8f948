// The answer: the formula, how far it was checked, and where it holds.

import { byId, h } from "./dom.js";
import { copyButton } from "./copy.js";
import { say } from "./language.js";
import { math } from "./math.js";

/** @returns {{show, showProblem, setPending, setOutdated}} */
export function createHero({ onKink }) {
  const place = byId("hero");

  return {
    show(answer) {
      place.replaceChildren(
        functionLine(answer),
        formulaLine(answer),
        facts(answer),
        conditions(answer, onKink),
        notes(answer),
      );
      place.dataset.state = "ready";
    },
    /** There is no answer, and this is why. */
    showProblem(details) {
      place.replaceChildren(
        h("p", { class: "hero-refusal" }, details.message),
        details.hint ? h("p", { class: "small" }, details.hint) : "");
      place.dataset.state = "refused";
    },
    /** Nothing to show yet. */
    showNothing() {
      place.replaceChildren(h("p", { class: "hero-empty" },
        say("The derivative appears here while you type.")));
      place.dataset.state = "empty";
    },
    setPending(pending) {
      place.setAttribute("aria-busy", String(pending));
    },
    /** What is shown answers the question before, not what is typed now. */
    setOutdated(outdated) {
      place.classList.toggle("outdated", outdated);
      place.querySelector(".hero-outdated")?.remove();
      if (outdated && place.dataset.state === "ready") {
        place.prepend(h("p", { class: "hero-outdated" }, say("The last formula that could be read:")));
      }
    },
  };
}

function functionLine({ function: written }) {
  return h("div", { class: "hero-function" },
    math(written.equation_latex, { plain: `f = ${written.unicode}` }));
}

function formulaLine({ answer }) {
  return h("div", { class: "hero-formula" },
    math(answer.equation_latex, {
      plain: `${answer.quotient} = ${answer.unicode}`,
    }));
}

function facts({ answer, certificate }) {
  return h("div", { class: "hero-facts" },
    certificateOf(certificate),
    h("p", { class: "hero-shape" }, shapeName(answer.shape)),
    h("div", { class: "hero-copy", role: "group", "aria-label": say("Copy the derivative") },
      copyButton("LaTeX", () => answer.latex),
      copyButton(say("Text"), () => answer.text),
      copyButton("Unicode", () => answer.unicode)));
}

function certificateOf(certificate) {
  const rows = [
    [say("Random points"), String(certificate.points)],
    [say("Sizes"), certificate.sizes.map(sizeText).join("; ")],
    [say("Compared with"), certificate.method],
    [say("Checked"), certificate.checked.join(", ")],
    [say("Worst relative error"), scientific(certificate.worst_error)],
    [say("Allowed"), scientific(certificate.tolerance)],
  ];
  return h("details", { class: "certificate" },
    h("summary", {},
      h("span", { class: "certificate-sign", "aria-hidden": "true" }, "✓"),
      h("span", {}, say("Confirmed, worst error {error}", { error: scientific(certificate.worst_error) }))),
    h("p", { class: "certificate-text" }, certificate.text),
    h("dl", { class: "certificate-rows" }, ...rows.flatMap(([name, value]) => (
      value ? [h("dt", {}, name), h("dd", {}, value)] : []))));
}

function sizeText(size) {
  if (typeof size === "string") return size;
  return Object.entries(size).map(([name, value]) => `${name} = ${value}`).join(", ");
}

/** A number as 3.1·10⁻¹⁶ is too precise here: 3e-16 with real exponents. */
export function scientific(number) {
  if (number === 0) return "0";
  const [digits, exponent] = number.toExponential(0).split("e");
  const raised = [...String(Number(exponent))].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
  return `${digits} · 10${raised.join("")}`;
}

/** The words for a shape. */
export function shapeName(shape) {
  const [rows, columns] = shape.map(String);
  if (shape.length === 0) return say("scalar");
  if (shape.length === 1) return say("column of {size}", { size: rows });
  if (shape.length === 2 && rows === "1") return say("row of {size}", { size: columns });
  return say("shape {size}", { size: shape.join(" × ") });
}

function conditions({ conditions: all, kinks }, onKink) {
  if (all.length === 0) return "";
  return h("div", { class: "hero-conditions" },
    h("h2", { class: "caption" }, say("Holds where")),
    h("ul", {}, ...all.map((condition) => h("li", {}, h("code", {}, condition)))),
    kinks.length > 0 ? h("button", { type: "button", class: "link", onclick: onKink },
      say("Elsewhere there may be subderivatives")) : "");
}

function notes({ notes: all }) {
  if (all.length === 0) return "";
  return h("ul", { class: "hero-notes" }, ...all.map((note) => h("li", {}, note)));
}

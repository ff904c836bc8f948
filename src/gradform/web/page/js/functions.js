// The list of functions, to look up and to put into the formula.

import { createDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { say } from "./language.js";

/** @returns {{open}} */
export function createFunctions({ functionsOf, onChoose }) {
  const dialog = createDialog({ title: () => say("Functions"), draw });

  function draw() {
    const list = h("ul", { class: "functions" });
    const count = h("p", { class: "small", role: "status" });
    const filter = h("input", { type: "search", class: "filter", "aria-label": say("Find a function"),
      placeholder: say("Find a function") });
    const show = () => {
      const found = functionsOf().filter((each) => matches(each, filter.value.trim().toLowerCase()));
      count.textContent = say("{count} functions", { count: found.length });
      list.replaceChildren(...found.map(row));
    };
    filter.addEventListener("input", show);
    show();
    return [filter, count, list];
  }

  function row(each) {
    return h("li", {}, h("button", { type: "button", class: "function-row", onclick: () => {
      dialog.close();
      onChoose(each.name);
    } }, h("code", {}, `${each.name}(${parametersOf(each)})`), h("span", {}, each.summary),
    each.aliases.length > 0 ? h("span", { class: "small" }, say("also {names}", { names: each.aliases.join(", ") })) : ""));
  }

  return { open: dialog.open };
}

function matches({ name, aliases, summary }, wanted) {
  return [name, summary, ...aliases].some((text) => text.toLowerCase().includes(wanted));
}

function parametersOf({ parameters }) {
  const letters = [..."xyzuvw"];
  return parameters.map((parameter) => {
    const optional = parameter.endsWith("?");
    const kind = parameter.replace("?", "");
    const word = kind === "expr" ? letters.shift() : kind;
    return optional ? `[${word}]` : word;
  }).join(", ");
}

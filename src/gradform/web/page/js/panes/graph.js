// The computation graph, and the paths of the chain rule one by one.

import { copyButton } from "../copy.js";
import { h, reachableWhileScrolling } from "../dom.js";
import { say } from "../language.js";
import { math } from "../math.js";
import { createReply } from "../pane.js";
import { pictureOf } from "../svg.js";

export function createGraph() {
  const reply = createReply(draw);
  return {
    id: "graph",
    title: () => say("Graph"),
    element: reply.element,
    show: (question) => reply.show("graph", question),
  };
}

function draw({ svg, file, paths, path_count: count, dot }) {
  const picture = pictureOf(svg);
  const frame = h("div", { class: "picture" }, picture);
  reachableWhileScrolling(frame, () => say("Computation graph"));
  return [
    paths.length > 0 ? stepper(picture, paths, count) : "",
    frame,
    h("div", { class: "copies" }, h("span", { class: "caption" }, say("Copy")),
      copyButton("SVG", () => file), copyButton("DOT", () => dot)),
  ];
}

/** Buttons that light up the paths in turn; 0 is the whole graph. */
function stepper(picture, paths, count) {
  let chosen = 0;
  const told = h("div", { class: "path", role: "status" });
  const back = h("button", { type: "button", class: "step-button", "aria-label": say("Path before"),
    onclick: () => go(chosen - 1) }, "←");
  const on = h("button", { type: "button", class: "step-button", "aria-label": say("Next path"),
    onclick: () => go(chosen + 1) }, "→");

  function go(next) {
    chosen = (next + paths.length + 1) % (paths.length + 1);
    // The rules of the pictures fade all but what is lit.
    picture.classList.toggle("tracing", chosen > 0);
    for (const part of picture.querySelectorAll(".lit")) part.classList.remove("lit");
    for (const part of picture.querySelectorAll(`.path-${chosen}`)) part.classList.add("lit");
    const path = paths[chosen - 1];
    told.replaceChildren(
      h("span", { class: "path-count" }, path
        ? say("Path {number} of {count}", { number: chosen, count })
        : count === 1 ? say("1 path") : say("{count} paths, whose products add up", { count })),
      path ? math(path.latex, { plain: path.unicode }) : "");
  }

  go(0);
  return h("div", { class: "stepper" }, back, on, told);
}

// What all panes that ask the server have in common: one request at a time, the last one counts.

import { Problem, Unreachable, ask } from "./api.js";
import { h } from "./dom.js";
import { say } from "./language.js";

const SLOW_MILLISECONDS = 250;

/** A place that shows the answer of one endpoint to the newest request. */
export function createReply(draw) {
  const element = h("div", { class: "reply" });
  let shown = null;
  let controller = null;

  async function request(endpoint, question) {
    controller?.abort();
    controller = new AbortController();
    const { signal } = controller;
    const slow = setTimeout(() => element.setAttribute("aria-busy", "true"), SLOW_MILLISECONDS);
    try {
      const found = await ask(endpoint, question, signal);
      if (!signal.aborted) element.replaceChildren(...[draw(found, question)].flat());
    } catch (error) {
      if (signal.aborted) return;
      shown = null;
      element.replaceChildren(refusal(error));
    } finally {
      clearTimeout(slow);
      if (!signal.aborted) element.removeAttribute("aria-busy");
    }
  }

  return {
    element,
    /** Ask, unless this very question is what is shown or under way. */
    show(endpoint, question) {
      const key = JSON.stringify([endpoint, question]);
      if (key === shown) return;
      shown = key;
      request(endpoint, question);
    },
    /** Show something else, without a request. */
    put(...children) {
      controller?.abort();
      shown = null;
      element.replaceChildren(...children);
    },
  };
}

/** Why there is nothing to show. */
export function refusal(error) {
  if (error instanceof Problem) {
    const { message, hint } = error.details;
    return h("div", { class: "refusal" },
      h("p", {}, message), hint ? h("p", { class: "small" }, hint) : "");
  }
  if (error instanceof Unreachable) {
    return h("p", { class: "refusal" }, say("The server cannot be reached."));
  }
  throw error;
}

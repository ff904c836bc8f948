// The question of the moment: asked while typing, after a pause, with the newest one winning.

import { Problem, Unreachable, ask } from "./api.js";

const PAUSE_MILLISECONDS = 150;
const RETRY_MILLISECONDS = 3000;

/**
 * ``schedule(question)`` asks for its derivative after a pause, unless it was asked already.
 * One of ``onAnswer(answer, question)``, ``onProblem(details)``, ``onUnreachable()`` follows;
 * ``onPending(pending)`` says when one is under way.
 */
export function createAsking({ onAnswer, onProblem, onUnreachable, onPending }) {
  let controller = null;
  let timer = 0;
  let asked = null;

  async function run(question) {
    controller?.abort();
    controller = new AbortController();
    const { signal } = controller;
    onPending(true);
    try {
      const answer = await ask("derivative", question, signal);
      if (!signal.aborted) onAnswer(answer, question);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Problem) onProblem(error.details, question);
      else if (error instanceof Unreachable) {
        onUnreachable();
        timer = setTimeout(() => run(question), RETRY_MILLISECONDS);
      } else throw error;
    } finally {
      if (!signal.aborted) onPending(false);
    }
  }

  return {
    schedule(question, { now = false } = {}) {
      const key = JSON.stringify(question);
      if (key === asked) return;
      asked = key;
      clearTimeout(timer);
      // What is on its way answers a question that is no longer asked.
      controller?.abort();
      timer = setTimeout(() => run(question), now ? 0 : PAUSE_MILLISECONDS);
    },
    cancel() {
      asked = null;
      clearTimeout(timer);
      controller?.abort();
      onPending(false);
    },
  };
}

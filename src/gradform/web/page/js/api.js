// The JSON API, the only thing the page talks to. Every request can be aborted.

const ROOT = "api/v1/";
const LONGEST_WAIT_SECONDS = 10;
const TRIES = 4;

/** What the server says is wrong: {kind, message, hint, start, end, replacement …}. */
export class Problem extends Error {
  constructor(details) {
    super(details.message);
    this.details = details;
  }
}

/** The server cannot be reached. */
export class Unreachable extends Error {}

/**
 * POST a question; a busy server is asked again when it says.
 * Throws Problem, Unreachable, or the AbortError of the signal.
 */
export async function ask(endpoint, question, signal) {
  for (let attempt = 1; ; attempt += 1) {
    const response = await send(endpoint, {
      method: "POST",
      // What is not a formula yet is no failure worth a line in the browser's console.
      headers: { "Content-Type": "application/json", "Prefer": "errors=200" },
      body: JSON.stringify(question),
      signal,
    });
    const busy = response.status === 503 || response.status === 429;
    if (!busy || attempt === TRIES) return body(response);
    await pause(waiting(response), signal);
  }
}

/** GET what does not depend on a question: "vocabulary", "examples"; its words in a language. */
export async function load(endpoint, language = "en") {
  return body(await send(endpoint, { headers: { "Accept-Language": language } }));
}

/** The translations into a language: {English template: text}. */
export async function loadTexts(code) {
  return load(`texts/${encodeURIComponent(code)}`);
}

async function send(endpoint, request) {
  try {
    return await fetch(ROOT + endpoint, { credentials: "omit", ...request });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable(String(error));
  }
}

async function body(response) {
  let found;
  try {
    found = await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Unreachable(`status ${response.status}`);
  }
  if (response.ok && !found.error) return found;
  throw new Problem(found?.error ?? { kind: "server", message: `status ${response.status}` });
}

function waiting(response) {
  const seconds = Number(response.headers.get("Retry-After") ?? 1);
  return 1000 * Math.min(Math.max(Number.isFinite(seconds) ? seconds : 1, 0.2), LONGEST_WAIT_SECONDS);
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("aborted", "AbortError"));
    }, { once: true });
  });
}

// Puts the page together: the state on one side, what is shown of it on the other.

import { load } from "./api.js";
import { createAsking } from "./asking.js";
import { createChoice } from "./choices.js";
import { copy, toast } from "./copy.js";
import { byId, h } from "./dom.js";
import { createEditor } from "./editor.js";
import { createFunctions } from "./functions.js";
import { createGallery } from "./gallery.js";
import { createHero } from "./hero.js";
import { createKeys } from "./keys.js";
import { currentLanguage, preferredLanguage, rememberLanguage, say, speak } from "./language.js";
import { createLayouts } from "./layouts.js";
import { fragmentOf, stateOf } from "./link.js";
import { createCheck } from "./panes/check.js";
import { createCode } from "./panes/code.js";
import { createDerivation } from "./panes/derivation.js";
import { createForms } from "./panes/forms.js";
import { createGraph } from "./panes/graph.js";
import { createPlot } from "./panes/plot.js";
import { createProblem } from "./problem.js";
import { START, createStore, questionOf } from "./state.js";
import { createTabs } from "./tabs.js";
import { createTheme } from "./theme.js";
import { createVariables } from "./variables.js";

const SPOKEN_AFTER_MILLISECONDS = 900;
const OUTDATED_AFTER_MILLISECONDS = 600;
const RETRY_MILLISECONDS = 3000;
const PHONE = "(max-width: 59.99rem)";

const linked = stateOf(location.hash);
const store = createStore(linked.state ?? START);
let vocabulary = { functions: [], structures: [], layouts: [] };
let vocabularyLanguage = "";
let current = null; // {question, answer}: the last answer
let named = []; // the variables as far as they are known

// ------------------------------------------------------------ parts

const editor = createEditor({ onInput: (formula) => store.set({ formula }) });
const problem = createProblem({ editor, textOf: () => store.get().formula });
const hero = createHero({ onKink: () => choosePane("plot") });
const variables = createVariables({ onDeclare: declare });
const layouts = createLayouts({ onChoose: (layout) => store.set({ layout }) });
const wrt = createChoice(byId("wrt"), { onChoose: (name) => store.set({ wrt: name }) });
const order = createChoice(byId("order"), { onChoose: (value) => store.set({ order: value }) });
const panes = [
  createDerivation(store), createGraph(), createPlot(store), createForms(), createCode(store),
  createCheck(),
];
const tabs = createTabs(panes, { onChoose: choosePane });
const gallery = createGallery({ onChoose: restart });
const functions = createFunctions({
  functionsOf: () => vocabulary.functions,
  onChoose: (name) => editor.insert(`${name}()`, 1),
});
const keys = createKeys({
  openExamples: gallery.open,
  openFunctions: functions.open,
  applySuggestion: problem.applySuggestion,
});
const tellTheme = createTheme();

function choosePane(pane) {
  store.set({ pane });
}

function declare(name, variable) {
  const { [name]: before, ...others } = store.get().variables;
  store.set({ variables: variable ? { ...others, [name]: variable } : others });
}

function restart(state) {
  store.set(state);
  editor.setText(state.formula);
  editor.focus();
}

// ------------------------------------------------------------ answers

let outdated = 0;

const asking = createAsking({
  onAnswer(answer, question) {
    clearTimeout(outdated);
    // What the server has chosen is asked for by name from now on.
    current = { answer, question: { ...question, wrt: answer.question.wrt } };
    named = answer.variables;
    problem.clear();
    hero.show(answer);
    hero.setOutdated(false);
    byId("answer").classList.remove("stale");
    showQuestion();
    showPane();
    speakLater(`${answer.answer.quotient} = ${answer.answer.unicode}. ${answer.certificate.text}`);
  },
  onProblem(details) {
    if (hasPlace(details)) problem.show(details);
    else problem.clear();
    // Types can be declared where they are what is wrong.
    named = details.variables ?? named;
    showQuestion();
    speakLater([details.message, details.hint].filter(Boolean).join(" "));
    clearTimeout(outdated);
    if (hasPlace(details)) outdated = setTimeout(showOutdated, OUTDATED_AFTER_MILLISECONDS);
    else showRefusal(details);
  },
  onUnreachable() {
    problem.show({ message: say("The server cannot be reached; trying again.") });
  },
  onPending: hero.setPending,
});

/** A formula without an answer: why there is none is the answer. */
function showRefusal(details) {
  current = null;
  byId("answer").classList.remove("stale");
  hero.showProblem(details);
  hero.setOutdated(false);
  showPane();
}

function hasPlace({ start }) {
  return start !== null && start !== undefined;
}

/** An answer to another question than the one now typed steps back. */
function showOutdated() {
  byId("answer").classList.add("stale");
  if (current === null) hero.showNothing();
  hero.setOutdated(current !== null);
}

let spoken = 0;

// Screen readers hear the answer when the typing has come to rest, not at every key.
function speakLater(text) {
  clearTimeout(spoken);
  spoken = setTimeout(() => {
    byId("spoken").textContent = text;
  }, SPOKEN_AFTER_MILLISECONDS);
}

// ------------------------------------------------------------ showing

function showQuestion() {
  const state = store.get();
  const shown = current?.answer;
  const by = shown?.question.wrt ?? state.wrt;
  editor.setWords({
    functions: new Set(vocabulary.functions.flatMap(({ name, aliases }) => [name, ...aliases])),
    wrt: by,
  });
  const names = new Set(named.map(({ name }) => name));
  if (by && named.length > 0) names.add(by); // it may be the transpose of one
  wrt.show([...names].map((name) => ({ value: name, label: name })), by);
  order.show([{ value: 1, label: say("1st") }, { value: 2, label: say("2nd") }], state.order, currentLanguage());
  layouts.show(vocabulary.layouts, state.layout);
  variables.show(named, vocabulary.structures);
}

function showPane() {
  const { pane } = store.get();
  byId("panes").hidden = current === null;
  tabs.show(pane);
  if (current) panes.find(({ id }) => id === pane).show(current.question, current.answer);
}

function askNow(now = false) {
  const state = store.get();
  if (state.formula.trim() === "") {
    asking.cancel();
    problem.clear();
    current = null;
    named = [];
    showQuestion();
    hero.showNothing();
    showPane();
    return;
  }
  asking.schedule(questionOf(state, currentLanguage()), { now });
}

const QUESTION = ["formula", "wrt", "order", "layout", "variables"];
const PANE = ["pane", "derivation", "detail", "target", "at"];

store.subscribe((state, changed) => {
  if (changed.some((name) => QUESTION.includes(name))) askNow(!changed.includes("formula"));
  if (changed.some((name) => PANE.includes(name))) showPane();
  history.replaceState(null, "", `#${fragmentOf(state)}`);
});

addEventListener("hashchange", () => {
  const { state, ignored } = stateOf(location.hash);
  if (ignored) toast(say("Part of the link was not understood."));
  if (state) {
    store.set(state);
    editor.setText(state.formula);
  }
});

// ------------------------------------------------------------ tools

byId("open-examples").addEventListener("click", gallery.open);
byId("open-functions").addEventListener("click", functions.open);
byId("open-keys").addEventListener("click", keys.open);
byId("copy-link").addEventListener("click", () => {
  history.replaceState(null, "", `#${fragmentOf(store.get())}`);
  copy(location.href);
});

const language = /** @type {HTMLSelectElement} */ (byId("language"));
language.addEventListener("change", async () => {
  rememberLanguage(language.value);
  await tell(language.value);
  askNow(true);
});

/** Say everything on the page in a language. */
async function tell(code) {
  await speak(code);
  if (code !== vocabularyLanguage) await learnVocabulary(code);
  language.value = code;
  tellTheme();
  tabs.tell();
  showQuestion();
  if (current === null) hero.showNothing();
}

// ------------------------------------------------------------ start

async function start() {
  editor.setText(store.get().formula);
  if (matchMedia(PHONE).matches) {
    for (const fold of document.querySelectorAll(".fold")) fold.open = false;
  }
  tabs.tell();
  tabs.show(store.get().pane);
  hero.showNothing();
  await learnVocabulary(document.documentElement.lang);
  const { languages } = vocabulary;
  language.replaceChildren(...languages.map(({ code, name }) => h("option", { value: code, lang: code }, name)));
  await tell(preferredLanguage(languages.map(({ code }) => code)));
  askNow(true);
  if (linked.ignored) toast(say("Part of the link was not understood."));
}

/** Get the vocabulary, however long it takes: nothing works without it. */
async function learnVocabulary(code) {
  for (;;) {
    try {
      vocabulary = await load("vocabulary", code);
      vocabularyLanguage = code;
      return;
    } catch {
      problem.show({ message: say("The server cannot be reached; trying again.") });
      await new Promise((resolve) => setTimeout(resolve, RETRY_MILLISECONDS));
    }
  }
}

start();

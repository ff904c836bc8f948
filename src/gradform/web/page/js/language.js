// The page's own words. The English text is the key; other languages come from the catalogue that
// also holds the library's texts. Templates are literals, so that a test can find them all.

import { loadTexts } from "./api.js";

let language = "en";
let texts = {};

/** The text for a template in the language of the page; holes {name} take the values. */
export function say(template, values = {}) {
  const told = Object.hasOwn(texts, template) ? texts[template] : template;
  return told.replace(/\{(\w+)\}/g, (hole, name) =>
    Object.hasOwn(values, name) ? String(values[name]) : hole);
}

/** The code of the language of the page. */
export function currentLanguage() {
  return language;
}

/** Speak a language from now on, also in the words of index.html. */
export async function speak(code) {
  texts = code === "en" ? {} : await loadTexts(code);
  language = code;
  document.documentElement.lang = code;
  tellDocument();
}

const english = new WeakMap();

function tellDocument() {
  for (const element of document.querySelectorAll("[data-say]")) {
    if (!english.has(element)) english.set(element, { text: element.textContent });
    element.textContent = say(english.get(element).text);
  }
  for (const element of document.querySelectorAll("[data-say-attributes]")) {
    const names = element.dataset.sayAttributes.split(" ");
    if (!english.has(element)) english.set(element, {});
    const kept = english.get(element);
    for (const name of names) {
      kept[name] ??= element.getAttribute(name);
      element.setAttribute(name, say(kept[name]));
    }
  }
}

/** The language to start with: the one chosen before, else the browser's if it is spoken here. */
export function preferredLanguage(codes) {
  const chosen = document.documentElement.lang;
  const wishes = [remembered(), ...navigator.languages].filter(Boolean);
  for (const wish of wishes) {
    const code = wish.toLowerCase().split("-")[0];
    if (codes.includes(code)) return code;
  }
  return codes.includes(chosen) ? chosen : "en";
}

function remembered() {
  try {
    return localStorage.getItem("gradform.language");
  } catch {
    return null;
  }
}

/** Keep the choice for the next visit. */
export function rememberLanguage(code) {
  try {
    localStorage.setItem("gradform.language", code);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}

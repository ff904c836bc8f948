// Light, dark, or as the system has it.

import { byId, svgElement } from "./dom.js";
import { say } from "./language.js";

const THEMES = ["auto", "light", "dark"];
const DRAWINGS = {
  auto: ["M10 3a7 7 0 1 0 0 14z", "M10 3a7 7 0 0 1 0 14"],
  light: ["M13.500 10a3.500 3.500 0 1 1-7 0 3.500 3.500 0 0 1 7 0",
    "M10 1.500v2M10 16.500v2M1.500 10h2M16.500 10h2M4 4l1.400 1.400M14.600 14.600 16 16M4 16l1.400-1.400M14.600 5.400 16 4"],
  dark: ["M16.500 12.200A7 7 0 0 1 7.800 3.500a7 7 0 1 0 8.700 8.700z"],
};

/** The button that goes through the themes; @returns the function that tells it in a language. */
export function createTheme() {
  const button = byId("theme");
  let theme = document.documentElement.dataset.theme ?? "auto";

  function show() {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    const paths = DRAWINGS[theme].map((d) => svgElement("path", { d }));
    if (theme === "auto") paths[0].setAttribute("class", "filled");
    button.replaceChildren(
      svgElement("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, ...paths));
    button.setAttribute("aria-label", told(theme));
    button.title = told(theme);
  }

  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    try {
      localStorage.setItem("gradform.theme", theme);
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
    show();
  });
  show();
  return show;
}

function told(theme) {
  switch (theme) {
    case "light": return say("Theme: light");
    case "dark": return say("Theme: dark");
    default: return say("Theme: as the system");
  }
}

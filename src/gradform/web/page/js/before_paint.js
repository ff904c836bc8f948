// Runs before the first paint, so that neither the theme nor the language of the document flashes.
(function () {
  "use strict";
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("gradform.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    const language = localStorage.getItem("gradform.language");
    if (language && /^[a-z]{2,3}$/.test(language)) root.lang = language;
  } catch {
    // Storage may be forbidden; the defaults are fine.
  }
})();

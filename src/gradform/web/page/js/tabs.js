// Tabs as the ARIA practices describe them: one tab stop, arrows, Home and End.

import { byId, h } from "./dom.js";

/** Tabs for panes {id, title(), element}; @returns {{show, tell}}. */
export function createTabs(panes, { onChoose }) {
  const list = byId("tabs");
  const tabs = panes.map((pane) => h("button", {
    type: "button", role: "tab", id: `tab-${pane.id}`, "aria-controls": `panel-${pane.id}`,
    onclick: () => onChoose(pane.id),
  }));
  const panels = panes.map((pane) => h("div", {
    role: "tabpanel", id: `panel-${pane.id}`, "aria-labelledby": `tab-${pane.id}`, tabindex: 0,
    class: "panel",
  }, pane.element));
  list.replaceChildren(...tabs);
  byId("panels").replaceChildren(...panels);

  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(document.activeElement);
    const next = nextIndex(event.key, at, tabs.length);
    if (at < 0 || next === null) return;
    event.preventDefault();
    tabs[next].focus();
    onChoose(panes[next].id);
  });

  return {
    show(id) {
      panes.forEach((pane, index) => {
        const chosen = pane.id === id;
        tabs[index].setAttribute("aria-selected", String(chosen));
        tabs[index].tabIndex = chosen ? 0 : -1;
        panels[index].hidden = !chosen;
        if (chosen) scrollTo(list, tabs[index]);
      });
    },
    tell() {
      panes.forEach((pane, index) => {
        tabs[index].textContent = pane.title();
      });
    },
  };
}

/** Bring a tab into view sideways, without moving the page. */
function scrollTo(list, tab) {
  const left = tab.offsetLeft - list.offsetLeft;
  const overflow = left + tab.offsetWidth - list.clientWidth;
  list.scrollLeft = Math.min(left, Math.max(list.scrollLeft, overflow));
}

function nextIndex(key, at, count) {
  switch (key) {
    case "ArrowRight": return (at + 1) % count;
    case "ArrowLeft": return (at - 1 + count) % count;
    case "Home": return 0;
    case "End": return count - 1;
    default: return null;
  }
}

// Small helpers for building and finding elements. Text is always set as text, never as markup.

/** The element with an id; it is in index.html. */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element #${id}`);
  return found;
}

/**
 * An element: h("button", {type: "button", class: "copy", onclick: copy}, "Copy").
 * Keys that start with "on" are listeners; true, false and null set or leave out an attribute.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

function setAttribute(element, name, value) {
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (value === true) element.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined) {
    element.setAttribute(name, String(value));
  }
}

/** An SVG element. */
export function svgElement(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  element.append(...children);
  return element;
}

let counted = 0;

/** An id that no other element has. */
export function freshId(prefix) {
  counted += 1;
  return `${prefix}-${counted}`;
}

/**
 * Something that scrolls sideways can be reached with the keyboard while it scrolls, and only then.
 */
export function reachableWhileScrolling(element, label) {
  const update = () => {
    const scrolls = element.scrollWidth > element.clientWidth + 1;
    if (scrolls) {
      element.tabIndex = 0;
      element.setAttribute("role", "group");
      element.setAttribute("aria-label", label());
    } else {
      element.removeAttribute("tabindex");
      element.removeAttribute("role");
      element.removeAttribute("aria-label");
    }
  };
  const watcher = new ResizeObserver(update);
  watcher.observe(element);
  if (element.firstElementChild) watcher.observe(element.firstElementChild);
  update();
}

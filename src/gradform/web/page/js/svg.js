// Pictures from the server: parsed as XML and taken into the page without anything that could run
// or load. Their colours come from pictures.css.

const SVG = "http://www.w3.org/2000/svg";
const ALLOWED = new Set([
  "svg", "g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan",
  "title", "desc", "defs", "marker", "clipPath",
]);
const REFERENCE = /^(?:url\()?#[\w-]+\)?$/;

/** The picture as an element of this document; throws where the text is no picture. */
export function pictureOf(text) {
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (parsed.namespaceURI !== SVG || parsed.localName !== "svg") throw new Error("not a picture");
  clean(parsed);
  return document.importNode(parsed, true);
}

function clean(element) {
  for (const child of [...element.children]) {
    if (child.namespaceURI === SVG && ALLOWED.has(child.localName)) clean(child);
    else child.remove();
  }
  for (const { name, value } of [...element.attributes]) {
    if (!harmless(name.toLowerCase(), value)) element.removeAttribute(name);
  }
}

function harmless(name, value) {
  if (name.startsWith("on") || name === "style") return false;
  if (name.endsWith("href")) return REFERENCE.test(value);
  return !/url\(/i.test(value) || REFERENCE.test(value);
}

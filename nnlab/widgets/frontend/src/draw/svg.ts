/** SVG elements made by hand, for the diagrams no plotting library draws. */

import { shorten } from "./path";

type Attributes = Record<string, string | number | null | undefined>;

export interface Pen {
  document: Document;
}

export function svg(pen: Pen, tag: string, attributes: Attributes, ...children: (Node | string)[]): SVGElement {
  const element = pen.document.createElementNS("http://www.w3.org/2000/svg", tag) as SVGElement;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) continue;
    element.setAttribute(name, typeof value === "number" ? String(Math.round(value * 100) / 100) : value);
  }
  element.append(...children);
  return element;
}

const PLACED = ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height", "transform"];

/**
 * Leaves of every coordinate what a screen can show. The last bits of a logarithm differ between engines of JavaScript,
 * still and live figure are to be the same, and a page that holds many stills is to be light.
 */
export function roundCoordinates(drawn: Element): void {
  for (const element of drawn.querySelectorAll("*")) {
    const path = element.getAttribute("d");
    if (path !== null) element.setAttribute("d", shorten(path));
    for (const name of PLACED) {
      const value = element.getAttribute(name);
      if (value?.includes("."))
        element.setAttribute(name, value.replace(/-?\d*\.\d{2,}(?:e[+-]?\d+)?/g, (n) => String(Math.round(Number(n) * 10) / 10)));
    }
  }
}

/** Text with a halo of the surface behind it, so that it reads on top of lines. */
export function label(pen: Pen, text: string, attributes: Attributes): SVGElement {
  return svg(
    pen,
    "text",
    { "paint-order": "stroke", stroke: "var(--nnlab-surface)", "stroke-width": 4, "stroke-linejoin": "round", ...attributes },
    text,
  );
}

/** About how wide a text of the figure's font is: layout has to work where nothing can be measured. */
export function textWidth(text: string, fontSize: number): number {
  return [...text].reduce((width, c) => width + (/[mwMW@—]/.test(c) ? 0.85 : /[ijltf.,:;|'() ]/.test(c) ? 0.32 : 0.57), 0) * fontSize;
}

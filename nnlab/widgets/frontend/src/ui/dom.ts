/** Elements of the page, made in one line. */

type Attributes = Record<string, string | number | boolean | null | undefined>;

export function html<K extends keyof HTMLElementTagNameMap>(
  document: Document, tag: K, attributes: Attributes = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/** Makes a drawing that is shown into a new one by touching only what differs: less is laid out and painted again. */

const TEXT = 3;

/** Returns what stands in the place of `old` then: itself, or `fresh` where they are of different kinds. */
export function become<T extends Element>(old: T, fresh: T): T {
  if (old.nodeName !== fresh.nodeName) {
    old.replaceWith(fresh);
    return fresh;
  }
  for (const name of old.getAttributeNames()) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const name of fresh.getAttributeNames()) {
    const value = fresh.getAttribute(name)!;
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  const [before, after] = [[...old.childNodes], [...fresh.childNodes]];
  after.forEach((child, i) => {
    const shown = before[i];
    if (!shown) old.append(child);
    else if (shown.nodeType !== child.nodeType) shown.replaceWith(child);
    else if (child.nodeType !== TEXT) become(shown as Element, child as Element);
    else if (shown.nodeValue !== child.nodeValue) shown.nodeValue = child.nodeValue;
  });
  for (const child of before.slice(after.length)) child.remove();
  return old;
}

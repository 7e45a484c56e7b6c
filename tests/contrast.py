"""How far text stands out on an open page, by WCAG's formula, from the colours that the browser computed."""

from playwright.sync_api import Page

ENOUGH = 4.5

MEASURE = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const mixed = (colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (colour) => colour
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("").trim();
    if (!text || !element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    const style = getComputedStyle(element), grounds = [];
    for (let each = element; each; each = each.parentElement) grounds.unshift(getComputedStyle(each).backgroundColor);
    const ground = ["white", ...grounds], ink = element instanceof SVGElement ? style.fill : style.color;
    const [dark, light] = [mixed(ground), mixed([...ground, ink])].map(luminance).sort((a, b) => a - b);
    found.push([(light + 0.05) / (dark + 0.05), `${element.localName}.${element.className} ${text.slice(0, 40)}`]);
  }
  return found;
}"""


def hard_to_read(page: Page) -> list[str]:
    """The texts of a page whose contrast is under ENOUGH, with it; raises AssertionError where there is no text."""
    found = page.evaluate(MEASURE)
    assert found, "the page shows no text"
    return [f"{ratio:.2f} {what}" for ratio, what in found if ratio < ENOUGH]

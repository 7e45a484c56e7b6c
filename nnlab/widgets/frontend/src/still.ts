/**
 * Draws explorers at rest, in Node, with the code that draws them on the page. Reads a JSON list of
 * {pack, font} from standard input and writes a JSON list of {html, png} (png in base64).
 */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Resvg } from "@resvg/resvg-js";
import { parseHTML } from "linkedom";
import { Pack } from "./data/pack";
import { Scope } from "./data/scope";
import { WIDTH, type Layout } from "./draw/figure";
import { initialState } from "./spec";
import { lightColors, STYLE } from "./style";
import { View } from "./ui/view";

interface Request {
  pack: string;
  fonts: string[];
}

const channel = (hex: string, i: number): number => Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);

/** A picture file knows no CSS variables: this writes the light colours in their place. */
function plainColors(svg: string): string {
  const solid = svg.replace(/var\(--nnlab-(\w+)\)/g, (_, name: string) => lightColors[name] ?? "#000000");
  return solid.replace(/color-mix\(in srgb, (#\w{6}) (\d+)%, (#\w{6})\)/g, (_, a: string, percent: string, b: string) => {
    const t = Number(percent) / 100;
    const mixed = [0, 1, 2].map((i) => Math.round(t * channel(a, i) + (1 - t) * channel(b, i)));
    return `#${mixed.map((v) => v.toString(16).padStart(2, "0")).join("")}`;
  });
}

function draw({ pack: path, fonts }: Request): { html: string; png: string } {
  const pack = new Pack(new Uint8Array(gunzipSync(readFileSync(path))));
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const state = initialState(pack.spec);
  const scope = new Scope(pack.spec, state, (name) => pack.result(name, state), pack.words(state));
  const view = new View({ document }, pack.spec, { scope: () => scope, link: () => "" });
  const figure = (layout: Layout): SVGElement => view.figure(scope, layout);
  view.canvas.append(figure("wide"), figure("narrow"));
  view.say(scope);
  const missing = document.createElement("noscript");
  missing.innerHTML =
    "<style>.nnlab-controls,.nnlab-actions,.nnlab-prediction,.nnlab-goals{display:none!important}</style>" +
    `<p class="nnlab-without-script">With JavaScript switched on you can change ${pack.spec.controls.map((c) => c.label).join(", ")} here and watch the figure answer.</p>`;
  view.frame.insertBefore(missing, view.canvas);
  const style = document.createElement("style");
  style.textContent = STYLE;
  const picture = figure("wide").cloneNode(true) as SVGElement;
  picture.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  picture.setAttribute("font-family", "DejaVu Sans");
  const text = plainColors(picture.outerHTML).replaceAll('font-family="inherit"', "").replaceAll("font-family: inherit;", "");
  const png = new Resvg(text, {
    background: lightColors.surface,
    fitTo: { mode: "width", value: 2 * WIDTH.wide },
    font: { fontFiles: fonts, loadSystemFonts: false, defaultFontFamily: "DejaVu Sans" },
  });
  return { html: style.outerHTML + view.frame.outerHTML, png: Buffer.from(png.render().asPng()).toString("base64") };
}

const requests = JSON.parse(readFileSync(0, "utf8")) as Request[];
process.stdout.write(JSON.stringify(requests.map(draw)));

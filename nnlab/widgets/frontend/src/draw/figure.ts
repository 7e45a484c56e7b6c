/** The whole figure: panels laid out in rows when wide, one below the other when narrow, in a single SVG. */

import type { Panel, Spec } from "../spec";
import type { Scope } from "../data/scope";
import { drawBars } from "./bars";
import { drawGraph } from "./graph";
import { drawNetwork } from "./network";
import { drawPlot, type Box } from "./plot";
import { svg, textWidth, type Pen } from "./svg";
import { drawTable } from "./table";

export type Layout = "wide" | "narrow";
export const WIDTH: Record<Layout, number> = { wide: 720, narrow: 360 };
const GAP = 26;
/** A title's size, the height of each of its lines, and the room above its first. */
const TITLE = { size: 13.5, line: 17, room: 7 };

function drawPanel(panel: Panel, scope: Scope, box: Box, pen: Pen): SVGElement {
  switch (panel.kind) {
    case "plot":
      return drawPlot(panel, scope, box, pen);
    case "bars":
      return drawBars(panel, scope, box, pen);
    case "table":
      return drawTable(panel, scope, box, pen);
    case "graph":
      return drawGraph(panel, scope, box, pen);
    case "network":
      return drawNetwork(panel, scope, box, pen);
  }
}

interface Placed {
  panel: Panel;
  box: Box;
  title: string[];
}

/** A text in lines that fit a width. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : word;
    if (lines.length && textWidth(longer, TITLE.size) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function arrange(rows: Spec["rows"], scope: Scope, layout: Layout): { placed: Placed[]; height: number } {
  const width = WIDTH[layout];
  const lines = layout === "wide" ? rows : rows.flatMap((row) => row.map((panel) => [panel]));
  const placed: Placed[] = [];
  let y = 4;
  for (const line of lines) {
    const weight = line.reduce((sum, panel) => sum + panel.weight, 0);
    const room = width - GAP * (line.length - 1);
    const shares = line.map((panel) => (room * panel.weight) / weight);
    const titles = line.map((panel, i) => (panel.title ? wrapped(scope.text(panel.title), shares[i]!) : []));
    const most = Math.max(...titles.map((title) => title.length));
    const head = most ? TITLE.room + most * TITLE.line : 0;
    const tall = (panel: Panel): number => (layout === "narrow" ? panel.narrow_height : null) ?? panel.height;
    const tallest = Math.max(...line.map(tall));
    let x = 0;
    for (const [i, panel] of line.entries()) {
      placed.push({ panel, box: { x, y: y + head, width: shares[i]!, height: tall(panel) }, title: titles[i]! });
      x += shares[i]! + GAP;
    }
    y += head + tallest + GAP - 8;
  }
  return { placed, height: y - GAP + 12 };
}

export function drawFigure(spec: Spec, scope: Scope, layout: Layout, pen: Pen): SVGElement {
  const { placed, height } = arrange(spec.rows, scope, layout);
  const parts = placed.flatMap(({ panel, box, title }) => {
    const lines = title.map((words, i) => {
      const y = box.y - 9 - (title.length - 1 - i) * TITLE.line;
      return svg(pen, "text", { x: box.x, y, "font-size": TITLE.size, "font-weight": 600, fill: "var(--nnlab-ink)" }, words);
    });
    return [...lines, drawPanel(panel, scope, box, pen)];
  });
  return svg(
    pen, "svg",
    {
      class: `nnlab-figure nnlab-${layout}`, viewBox: `0 0 ${WIDTH[layout]} ${height}`, role: "img",
      "aria-label": `Figure: ${spec.title}`, "font-family": "inherit", "font-size": 12.5,
    },
    ...parts,
  );
}

/** Plot numbers its clip paths from one in every copy of itself; two figures of one page must not share an id. */
export function makeIdsUnique(figure: Element, prefix: string): void {
  const renamed = new Map<string, string>();
  for (const element of figure.querySelectorAll("[id]")) {
    renamed.set(element.id, `${prefix}-${element.id}`);
    element.id = renamed.get(element.id)!;
  }
  for (const element of figure.querySelectorAll("[clip-path]")) {
    const id = /#([^)"']+)/.exec(element.getAttribute("clip-path") ?? "")?.[1];
    if (id && renamed.has(id)) element.setAttribute("clip-path", `url(#${renamed.get(id)})`);
  }
}

/** The whole figure: panels laid out in rows when wide, one below the other when narrow, in a single SVG. */

import type { Panel, Spec } from "../spec";
import type { Reads, Scope } from "../data/scope";
import { drawBars } from "./bars";
import { become } from "./become";
import { drawGraph } from "./graph";
import { drawNetwork } from "./network";
import { PlotDrawing, type Box } from "./plot";
import { svg, textWidth, type Pen } from "./svg";
import { drawTable } from "./table";

export type Layout = "wide" | "narrow";
export const WIDTH: Record<Layout, number> = { wide: 720, narrow: 360 };
const GAP = 26;
/** A title's size, the height of each of its lines, and the room above its first. */
const TITLE = { size: 13.5, line: 17, room: 7 };
/** How much wider bold letters are than those that textWidth knows. */
const BOLD = 1.1;

type Draw = (scope: Scope, box: Box) => SVGElement;

function drawerOf(panel: Exclude<Panel, { kind: "plot" }>, pen: Pen): Draw {
  switch (panel.kind) {
    case "bars":
      return (scope, box) => drawBars(panel, scope, box, pen);
    case "table":
      return (scope, box) => drawTable(panel, scope, box, pen);
    case "graph":
      return (scope, box) => drawGraph(panel, scope, box, pen);
    case "network":
      return (scope, box) => drawNetwork(panel, scope, box, pen);
  }
}

/** A drawing made in one piece, and only where what it shows has changed. */
function kept(draw: Draw): Draw {
  let last: { element: SVGElement; reads: Reads; place: string } | null = null;
  return (scope, box) => {
    const place = JSON.stringify(box);
    if (last?.place === place && scope.holds(last.reads)) return last.element;
    const { made, reads } = scope.watch(() => draw(scope, box));
    last = { element: last ? become(last.element, made) : made, reads, place };
    return last.element;
  };
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
    if (lines.length && BOLD * textWidth(longer, TITLE.size) <= width) lines[lines.length - 1] = longer;
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

function titleOf({ title, box }: Placed, pen: Pen): SVGElement {
  const lines = title.map((words, i) => {
    const y = box.y - 9 - (title.length - 1 - i) * TITLE.line;
    return svg(pen, "text", { x: box.x, y, "font-size": TITLE.size, "font-weight": 600, fill: "var(--nnlab-ink)" }, words);
  });
  return svg(pen, "g", {}, ...lines);
}

/** One figure, drawn for one state after another in the same element; `id` is its own on the page. */
export class Figure {
  readonly element: SVGElement;
  private readonly draws = new Map<Panel, Draw>();
  private readonly titles = new Map<Panel, SVGElement>();

  constructor(
    private readonly spec: Spec,
    private readonly layout: Layout,
    private readonly pen: Pen,
    id: string,
  ) {
    this.element = svg(pen, "svg", {
      class: `nnlab-figure nnlab-${layout}`, role: "img",
      "aria-label": `Figure: ${spec.title}`, "font-family": "inherit", "font-size": 12.5,
    });
    for (const [i, panel] of spec.rows.flat().entries()) {
      const plot = panel.kind === "plot" ? new PlotDrawing(panel, pen, `${id}-${layout}-${i}`) : null;
      this.draws.set(panel, plot ? (scope, box) => plot.update(scope, box) : kept(drawerOf(panel as Exclude<Panel, { kind: "plot" }>, pen)));
    }
  }

  update(scope: Scope): SVGElement {
    const { placed, height } = arrange(this.spec.rows, scope, this.layout);
    const viewBox = `0 0 ${WIDTH[this.layout]} ${height}`;
    if (this.element.getAttribute("viewBox") !== viewBox) this.element.setAttribute("viewBox", viewBox);
    for (const place of placed) {
      const drawn = this.draws.get(place.panel)!(scope, place.box);
      const title = titleOf(place, this.pen);
      const shown = this.titles.get(place.panel);
      if (shown) become(shown, title);
      else {
        this.titles.set(place.panel, title);
        this.element.append(title, drawn);
      }
    }
    return this.element;
  }
}

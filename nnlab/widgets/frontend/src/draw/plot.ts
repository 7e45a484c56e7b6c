/** A plot panel: axes, marks and their scales. */

import { axisX, axisY, gridX, gridY, plot, type Markish, type PlotOptions, type ScaleOptions } from "@observablehq/plot";
import type { Axis, PlotPanel } from "../spec";
import type { Scope } from "../data/scope";
import { formatDecade, formatNumber } from "../data/format";
import type { Frame, Side } from "./frame";
import { draw, heatScale } from "./marks";
import { roundCoordinates, svg, type Pen } from "./svg";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const NUMBERS = { color: "var(--nnlab-muted)", fontSize: 12, tickSize: 0, tickPadding: 6 } as const;

function domainOf(axis: Axis, scope: Scope): [number, number] | null {
  if (!axis.domain) return null;
  const ends = axis.domain.map((end) => scope.number(end));
  return [ends[0]!, ends.at(-1)!];
}

function scaleOf({ domain, log }: Side): ScaleOptions {
  return { type: log ? "log" : "linear", ...(domain ? { domain } : {}), label: null, axis: null };
}

/**
 * How an axis writes its numbers: as powers of ten (10⁻³) where it is logarithmic and long, else plainly, with a true
 * minus.
 */
function writerOf(axis: Axis, domain: [number, number] | null): (value: number) => string {
  const seen = Array.isArray(axis.ticks) ? (axis.ticks as number[]) : (domain ?? [0, 1]);
  const isShort = Math.min(...seen) >= 1e-3 && Math.max(...seen) < 1e5;
  return axis.log && !isShort ? formatDecade : (value) => formatNumber(value, ".6g");
}

/** Ticks and grid lines of an axis, with what Plot needs to write beside them. */
function ticksOf(axis: Axis, domain: [number, number] | null, room: number): { ticks: object; texts: object } {
  const write = writerOf(axis, domain);
  if (!Array.isArray(axis.ticks)) {
    const ticks = { ticks: (axis.ticks as number | null) ?? Math.max(2, Math.floor(room)) };
    return { ticks, texts: { tickFormat: write } };
  }
  // given as a text, not as a format: of a format Plot leaves ticks of a logarithmic axis out to avoid crowding
  const words = axis.tick_labels ?? (axis.ticks as number[]).map(write);
  return { ticks: { ticks: axis.ticks as number[] }, texts: { text: (_: unknown, i: number) => words[i] ?? "" } };
}

function axes(panel: PlotPanel, frame: Frame, box: Box): Markish[] {
  const marks: Markish[] = [];
  const across = ticksOf(panel.x, frame.x.domain, box.width / 85);
  const up = ticksOf(panel.y, frame.y.domain, box.height / 48);
  const line = { stroke: "var(--nnlab-grid)", strokeOpacity: 1, strokeWidth: 1 };
  if (!panel.x.hidden) {
    if (panel.x.grid) marks.push(gridX({ ...across.ticks, ...line }));
    marks.push(axisX({ ...across.ticks, ...across.texts, ...NUMBERS, label: null }));
  }
  if (!panel.y.hidden) {
    if (panel.y.grid) marks.push(gridY({ ...up.ticks, ...line }));
    marks.push(axisY({ ...up.ticks, ...up.texts, ...NUMBERS, label: null }));
  }
  return marks;
}

interface Margin {
  marginLeft: number;
  marginRight: number;
  marginTop: number;
  marginBottom: number;
}

/** Widens the margins until a unit is as long up as across; returns what was added below. */
function evenOut({ x, y }: Frame, box: Box, margin: Margin): number {
  if (!x.domain || !y.domain) throw new Error("a plot with equal axes needs a domain on both");
  const [across, up] = [Math.abs(x.domain[1] - x.domain[0]), Math.abs(y.domain[1] - y.domain[0])];
  const width = box.width - margin.marginLeft - margin.marginRight;
  const height = box.height - margin.marginTop - margin.marginBottom;
  const unit = Math.min(width / across, height / up);
  margin.marginRight += width - unit * across;
  margin.marginBottom += height - unit * up;
  return height - unit * up;
}

export function drawPlot(panel: PlotPanel, scope: Scope, box: Box, pen: Pen): SVGElement {
  const frame: Frame = {
    x: { domain: domainOf(panel.x, scope), log: panel.x.log },
    y: { domain: domainOf(panel.y, scope), log: panel.y.log },
  };
  const yLabel = panel.y.label ? scope.text(panel.y.label) : "";
  const xLabel = panel.x.label ? scope.text(panel.x.label) : "";
  const hasRidges = panel.marks.some((mark) => mark.kind === "ridges");
  const margin: Margin = {
    marginLeft: panel.y.hidden && !hasRidges ? 6 : hasRidges ? 64 : 46,
    marginRight: panel.margin_right,
    marginTop: yLabel ? 26 : 10,
    marginBottom: panel.x.hidden ? 8 : xLabel ? 44 : 26,
  };
  const spare = panel.equal ? evenOut(frame, box, margin) : 0;
  const options: PlotOptions = {
    document: pen.document,
    width: box.width,
    height: box.height,
    ...margin,
    style: { background: "none", color: "var(--nnlab-ink)", overflow: "visible", fontSize: "12.5px", fontFamily: "inherit" },
    x: scaleOf(frame.x),
    y: scaleOf(frame.y),
    marks: [...axes(panel, frame, box), ...panel.marks.flatMap((mark) => draw(mark, scope, frame))],
  };
  const color = heatScale(panel.marks, scope);
  if (color) options.color = color;
  const drawn = plot(options) as unknown as SVGSVGElement & { scale?: (name: string) => { domain: number[]; range: number[] } };
  drawn.querySelector("style")?.remove();
  roundCoordinates(drawn);
  drawn.setAttribute("x", String(box.x));
  drawn.setAttribute("y", String(box.y));
  drawn.removeAttribute("class");
  for (const group of drawn.querySelectorAll("[aria-label]")) group.removeAttribute("aria-label");
  if (panel.drag_x) {
    const scale = drawn.scale!("x");
    drawn.setAttribute("data-drag", panel.drag_x);
    drawn.setAttribute("data-scale", panel.x.log ? "log" : "linear");
    drawn.setAttribute("data-domain", scale.domain.join(" "));
    const area = { x: 0, y: 0, width: box.width, height: box.height, fill: "none", "pointer-events": "all" };
    drawn.prepend(svg(pen, "rect", area));
    drawn.setAttribute("data-range", scale.range.map((r) => r + box.x).join(" "));
  }
  const { marginLeft, marginRight } = margin;
  const words = { fill: "var(--nnlab-muted)", "font-size": 12.5 };
  if (yLabel) drawn.append(svg(pen, "text", { x: panel.y.hidden ? 2 : 4, y: 12, "text-anchor": "start", ...words }, yLabel));
  if (xLabel)
    drawn.append(
      svg(pen, "text", { x: (marginLeft + box.width - marginRight) / 2, y: box.height - spare - 8, "text-anchor": "middle", ...words }, xLabel),
    );
  return drawn;
}

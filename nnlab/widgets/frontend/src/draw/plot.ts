/** A plot panel: axes, marks and their scales. */

import { axisX, axisY, gridX, gridY, plot, type Markish, type PlotOptions, type ScaleOptions } from "@observablehq/plot";
import type { Axis, PlotPanel } from "../spec";
import type { Scope } from "../data/scope";
import { formatDecade, formatNumber } from "../data/format";
import { draw, heatScale, type Frame } from "./marks";
import { svg, type Pen } from "./svg";

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

function scaleOf(axis: Axis, domain: [number, number] | null): ScaleOptions {
  return { type: axis.log ? "log" : "linear", ...(domain ? { domain } : {}), label: null };
}

/** 10⁻³ on logarithmic axes, plain numbers with a true minus elsewhere. */
const tick = (log: boolean) => (value: number): string => log ? formatDecade(value) : formatNumber(value, ".6g");

function ticksOf(axis: Axis, room: number): object {
  if (Array.isArray(axis.ticks)) {
    const labels = axis.tick_labels;
    const positions = axis.ticks as number[];
    return { ticks: positions, tickFormat: labels ? (_: unknown, i: number) => labels[i] ?? "" : tick(axis.log) };
  }
  return { ticks: (axis.ticks as number | null) ?? Math.max(2, Math.floor(room)), tickFormat: tick(axis.log) };
}

function axes(panel: PlotPanel, box: Box): Markish[] {
  const marks: Markish[] = [];
  const across = ticksOf(panel.x, box.width / 85);
  const up = ticksOf(panel.y, box.height / 48);
  const line = { stroke: "var(--nnlab-grid)", strokeOpacity: 1, strokeWidth: 1 };
  if (!panel.x.hidden) {
    if (panel.x.grid) marks.push(gridX({ ...across, ...line }));
    marks.push(axisX({ ...across, ...NUMBERS, label: null }));
  }
  if (!panel.y.hidden) {
    if (panel.y.grid) marks.push(gridY({ ...up, ...line }));
    marks.push(axisY({ ...up, ...NUMBERS, label: null }));
  }
  return marks;
}

export function drawPlot(panel: PlotPanel, scope: Scope, box: Box, pen: Pen): SVGElement {
  const xDomain = domainOf(panel.x, scope);
  const yDomain = domainOf(panel.y, scope);
  const frame: Frame = { xDomain, yDomain };
  const yLabel = panel.y.label ? scope.text(panel.y.label) : "";
  const xLabel = panel.x.label ? scope.text(panel.x.label) : "";
  const hasRidges = panel.marks.some((mark) => mark.kind === "ridges");
  const margin = {
    marginLeft: panel.y.hidden && !hasRidges ? 6 : hasRidges ? 64 : 46,
    marginRight: panel.margin_right,
    marginTop: yLabel ? 26 : 10,
    marginBottom: panel.x.hidden ? 8 : xLabel ? 44 : 26,
  };
  const options: PlotOptions = {
    document: pen.document,
    width: box.width,
    height: box.height,
    ...margin,
    style: { background: "none", color: "var(--nnlab-ink)", overflow: "visible", fontSize: "12.5px", fontFamily: "inherit" },
    x: scaleOf(panel.x, xDomain),
    y: scaleOf(panel.y, yDomain),
    marks: [...axes(panel, box), ...panel.marks.flatMap((mark) => draw(mark, scope, frame))],
  };
  const color = heatScale(panel.marks, scope);
  if (color) options.color = color;
  if (panel.equal) options.aspectRatio = 1;
  const drawn = plot(options) as unknown as SVGSVGElement & { scale?: (name: string) => { domain: number[]; range: number[] } };
  drawn.querySelector("style")?.remove();
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
  if (yLabel) drawn.append(svg(pen, "text", { x: panel.y.hidden ? 2 : 4, y: 12, ...words }, yLabel));
  if (xLabel)
    drawn.append(
      svg(pen, "text", { x: (marginLeft + box.width - marginRight) / 2, y: box.height - 8, "text-anchor": "middle", ...words }, xLabel),
    );
  return drawn;
}

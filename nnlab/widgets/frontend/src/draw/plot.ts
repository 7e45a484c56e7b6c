/** A plot panel: axes, marks and their scales. */

import { axisX, axisY, gridX, gridY, plot, type Markish, type PlotOptions, type ScaleOptions } from "@observablehq/plot";
import type { Axis, PlotPanel } from "../spec";
import type { Reads, Scope } from "../data/scope";
import { formatDecade, formatNumber } from "../data/format";
import { become } from "./become";
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

function marginsOf(panel: PlotPanel, frame: Frame, box: Box, words: Words): { margin: Margin; spare: number } {
  const hasRidges = panel.marks.some((mark) => mark.kind === "ridges");
  const margin: Margin = {
    marginLeft: panel.y.hidden && !hasRidges ? 6 : hasRidges ? 64 : 46,
    marginRight: panel.margin_right,
    marginTop: words.y ? 26 : 10,
    marginBottom: panel.x.hidden ? 8 : words.x ? 44 : 26,
  };
  return { margin, spare: panel.equal ? evenOut(frame, box, margin) : 0 };
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

interface Words {
  x: string;
  y: string;
}

/** What all marks of a plot share: where it is the same, a mark can be drawn without the others. */
interface Setting {
  box: Box;
  frame: Frame;
  words: Words;
}

interface Layer {
  element: SVGElement;
  reads: Reads;
}

type Drawn = SVGSVGElement & { scale(name: string): { domain: number[]; range: number[] } };

const childrenOf = (drawn: Element, name: string): SVGElement[] =>
  [...drawn.children].filter((child) => child.localName === name) as SVGElement[];

/** A plot panel that keeps its drawing: from one state to the next only marks that show other numbers are drawn. */
export class PlotDrawing {
  private shell: SVGElement | null = null;
  private setting = "";
  /** The axes, then one layer a mark. */
  private layers: Layer[] = [];

  constructor(
    private readonly panel: PlotPanel,
    private readonly pen: Pen,
    private readonly clipId: string,
  ) {}

  update(scope: Scope, box: Box): SVGElement {
    const { panel } = this;
    const frame: Frame = {
      x: { domain: domainOf(panel.x, scope), log: panel.x.log },
      y: { domain: domainOf(panel.y, scope), log: panel.y.log },
    };
    const words: Words = { x: panel.x.label ? scope.text(panel.x.label) : "", y: panel.y.label ? scope.text(panel.y.label) : "" };
    const setting = { box, frame, words };
    const written = JSON.stringify(setting);
    // an axis without a domain takes its ends from all marks together
    const isFixed = frame.x.domain !== null && frame.y.domain !== null;
    const all = Array.from({ length: panel.marks.length + 1 }, (_, i) => i);
    const isSame = this.shell !== null && written === this.setting;
    const stale = isSame ? all.filter((i) => !scope.holds(this.layers[i]!.reads)) : all;
    this.setting = written;
    if (stale.length === 0) return this.shell!;
    if (isSame && isFixed) this.drawSome(this.shell!, setting, scope, stale);
    else this.drawAll(setting, scope, all);
    return this.shell!;
  }

  private drawAll(setting: Setting, scope: Scope, all: readonly number[]): void {
    const { drawn, layers } = this.draw(setting, scope, all);
    this.dress(drawn, setting);
    this.shell = this.shell ? become<SVGElement>(this.shell, drawn) : drawn;
    const elements = childrenOf(this.shell, "g");
    this.layers = layers.map(({ reads }, i) => ({ reads, element: elements[i]! }));
  }

  private drawSome(shell: SVGElement, setting: Setting, scope: Scope, stale: readonly number[]): void {
    const { drawn, layers } = this.draw(setting, scope, stale);
    const [clip] = childrenOf(drawn, "clipPath");
    if (clip && childrenOf(shell, "clipPath").length === 0) shell.prepend(clip);
    stale.forEach((which, i) => {
      const { element, reads } = layers[i]!;
      this.layers[which] = { reads, element: become(this.layers[which]!.element, element) };
    });
  }

  /** Draws these layers: 0 for the axes, i + 1 for mark i. */
  private draw({ box, frame, words }: Setting, scope: Scope, which: readonly number[]): { drawn: Drawn; layers: Layer[] } {
    const { panel, pen } = this;
    const { margin } = marginsOf(panel, frame, box, words);
    const layers: Layer[] = [];
    const marks = which.flatMap((i): Markish[] => {
      const element = svg(pen, "g", {});
      const { made, reads } = scope.watch(() => (i === 0 ? axes(panel, frame, box) : draw(panel.marks[i - 1]!, scope, frame)));
      layers.push({ element, reads });
      return [() => element, ...made];
    });
    const options: PlotOptions = {
      document: pen.document,
      width: box.width,
      height: box.height,
      ...margin,
      style: { background: "none", color: "var(--nnlab-ink)", overflow: "visible", fontSize: "12.5px", fontFamily: "inherit" },
      x: scaleOf(frame.x),
      y: scaleOf(frame.y),
      marks,
    };
    const color = heatScale(which.flatMap((i) => panel.marks[i - 1] ?? []), scope);
    if (color) options.color = color;
    const drawn = plot(options) as unknown as Drawn;
    this.tidy(drawn, new Set(layers.map(({ element }) => element)), { box, margin });
    return { drawn, layers };
  }

  /** Puts what Plot drew into the layers that it follows, and before them one clip path that is told from others. */
  private tidy(drawn: Drawn, layers: Set<Element>, { box, margin }: { box: Box; margin: Margin }): void {
    let layer: Element | null = null;
    for (const child of [...drawn.children]) {
      if (layers.has(child)) layer = child;
      else if (child.localName === "clipPath" || child.localName === "style") child.remove();
      else layer?.append(child);
    }
    roundCoordinates(drawn);
    drawn.removeAttribute("class");
    for (const group of drawn.querySelectorAll("[aria-label]")) group.removeAttribute("aria-label");
    const clipped = drawn.querySelectorAll("[clip-path]");
    if (clipped.length === 0) return;
    for (const group of clipped) group.setAttribute("clip-path", `url(#${this.clipId})`);
    const [x, y] = [margin.marginLeft, margin.marginTop];
    const size = { width: box.width - x - margin.marginRight, height: box.height - y - margin.marginBottom };
    drawn.prepend(svg(this.pen, "clipPath", { id: this.clipId }, svg(this.pen, "rect", { x, y, ...size })));
  }

  /** The panel's place, the labels of its axes, and what a pointer that drags in it needs to know. */
  private dress(drawn: Drawn, { box, frame, words }: Setting): void {
    const { panel, pen } = this;
    drawn.setAttribute("x", String(box.x));
    drawn.setAttribute("y", String(box.y));
    if (panel.drag_x) {
      const scale = drawn.scale("x");
      drawn.setAttribute("data-drag", panel.drag_x);
      drawn.setAttribute("data-scale", panel.x.log ? "log" : "linear");
      drawn.setAttribute("data-domain", scale.domain.join(" "));
      drawn.setAttribute("data-range", scale.range.map((r) => r + box.x).join(" "));
      const area = { x: 0, y: 0, width: box.width, height: box.height, fill: "none", "pointer-events": "all" };
      drawn.prepend(svg(pen, "rect", area));
    }
    const style = { fill: "var(--nnlab-muted)", "font-size": 12.5 };
    const { margin, spare } = marginsOf(panel, frame, box, words);
    if (words.y) drawn.append(svg(pen, "text", { x: panel.y.hidden ? 2 : 4, y: 12, "text-anchor": "start", ...style }, words.y));
    if (!words.x) return;
    const middle = (margin.marginLeft + box.width - margin.marginRight) / 2;
    drawn.append(svg(pen, "text", { x: middle, y: box.height - spare - 8, "text-anchor": "middle", ...style }, words.x));
  }
}

/** Marks of a plot panel, each turned into marks of Observable Plot. */

import {
  areaY, arrow, contour, dot, line, rect, ruleX, ruleY, text,
  type Markish, type RenderFunction,
} from "@observablehq/plot";
import type { AreaMark, ContourMark, HeatMark, LineMark, Mark, PointsMark, RidgesMark } from "../spec";
import type { Scope } from "../data/scope";
import { clamp, crosses, cut, within, type Frame } from "./frame";
import { diverge, paint, percent, series } from "./paint";
import { linePath, PathWriter, ringsPath } from "./path";
import { svg, type Pen } from "./svg";

const HALO = { stroke: "var(--nnlab-surface)", strokeWidth: 4, paintOrder: "stroke" } as const;
const SYMBOLS = ["circle", "square", "triangle", "diamond", "star", "cross"] as const;

const at = (values: readonly number[], i: number): number => (values.length === 1 ? values[0]! : values[i]!);

function note(x: number, y: number, words: string, color: string, options: object = {}): Markish {
  return text([0], { x: [x], y: [y], text: [words], fill: color, ...HALO, fontSize: 12.5, ...options });
}

/** Where a curve leaves the numbers: ∞ stands at the edge it left through. */
function departures(xs: number[], ys: number[], color: string): Markish[] {
  const i = ys.findIndex((y) => Math.abs(y) === Number.POSITIVE_INFINITY);
  if (i < 0) return [];
  const side = ys[i]! > 0 ? "top" : "bottom";
  const inside = Math.max(0, i - 1);
  return [text([0], { x: [xs[inside]!], frameAnchor: side, text: ["∞"], fill: color, ...HALO, fontSize: 17, dy: side === "top" ? 8 : -8 })];
}

/** The visible place of a curve nearest to where its label is wanted; −1 where none of it is seen. */
function labelPlace(x: readonly number[], y: readonly number[], wanted: number, frame: Frame): number {
  const isSeen = (i: number): boolean => within(frame.x, x[i]!) && within(frame.y, y[i]!);
  for (let away = 0; away < y.length; away++) {
    if (isSeen(wanted - away)) return wanted - away;
    if (isSeen(wanted + away)) return wanted + away;
  }
  return -1;
}

/** Curves of one look, in one mark of Plot: `z` tells them apart, so that each is a path of its own. */
interface Strands {
  x: number[];
  y: number[];
  z: number[];
}

function lines(mark: LineMark, scope: Scope, frame: Frame): Markish[] {
  const ys = scope.rows(mark.y);
  const xs = scope.rows(mark.x);
  const curve = mark.curve === "step" ? "step-after" : mark.curve === "smooth" ? "monotone-x" : "linear";
  const marks: Markish[] = [];
  let strands: Strands = { x: [], y: [], z: [] };
  const flush = (color: string): void => {
    if (strands.z.length > 0)
      marks.push(
        line({ length: strands.z.length }, {
          ...strands, stroke: color, strokeWidth: mark.width, strokeOpacity: mark.opacity,
          strokeDasharray: mark.dash ? "5 4" : undefined, strokeLinejoin: "round", strokeLinecap: "round", curve, clip: true,
        }),
      );
    strands = { x: [], y: [], z: [] };
  };
  ys.forEach((row, r) => {
    const across = xs.length > 1 ? xs[r]! : (xs[0] ?? row.map((_, i) => i));
    const color = paint(ys.length > 1 && mark.color === "series" ? series(r) : mark.color === "series" ? "c1" : mark.color);
    const n = Math.min(across.length, row.length);
    const [x, y] = [across.slice(0, n), row.slice(0, n)];
    // nothing lies below a logarithmic axis: a curve that reaches 0 leaves through the bottom
    const numbers = y.map((v) => (v === 0 ? clamp(frame.y, v) : Number.isFinite(v) ? v : Number.NaN));
    const isSeen = crosses(x, numbers, frame);
    if (isSeen) {
      const drawn = curve === "linear" ? cut(x, numbers, frame) : { x, y: numbers.map((v) => clamp(frame.y, v)) };
      strands.x.push(...drawn.x);
      strands.y.push(...drawn.y);
      strands.z.push(...drawn.y.map(() => r));
    }
    const beside = departures(x, y, color);
    const words = mark.labels ? mark.labels[r] : r === 0 ? mark.label : null;
    const place = isSeen && words ? labelPlace(x, y, Math.round(mark.label_at * (n - 1)), frame) : -1;
    if (words && place >= 0) {
      const end = mark.label_at > 0.92;
      beside.push(note(x[place]!, y[place]!, scope.text(words), color, {
        textAnchor: end ? "start" : "middle", dx: end ? 7 : 0, dy: mark.label_dy, fontWeight: 600,
      }));
    }
    // what stands beside a curve lies over it and under the next
    if (beside.length > 0 || mark.color === "series" || r === ys.length - 1) flush(color);
    marks.push(...beside);
  });
  return marks;
}

function points(mark: PointsMark, scope: Scope, frame: Frame): Markish[] {
  const x = scope.numbers(mark.x);
  const y = scope.numbers(mark.y);
  const group = mark.group === null ? null : scope.numbers(mark.group);
  const n = Math.max(x.length, y.length);
  const all = Array.from({ length: n }, (_, i) => i).filter((i) => within(frame.x, at(x, i)) && within(frame.y, at(y, i)));
  const groups = group ? [...new Set(all.map((i) => group[i]!))].sort((a, b) => a - b) : [0];
  const marks: Markish[] = groups.map((g) => {
    const chosen = group ? all.filter((i) => group[i] === g) : all;
    const color = paint(group ? series(g) : mark.color);
    return dot(chosen, {
      x: chosen.map((i) => at(x, i)), y: chosen.map((i) => at(y, i)), r: mark.size, symbol: group ? SYMBOLS[g % SYMBOLS.length] : "circle",
      fill: mark.hollow ? "var(--nnlab-surface)" : color, fillOpacity: mark.hollow ? 1 : mark.opacity,
      stroke: mark.hollow ? color : "var(--nnlab-surface)", strokeWidth: mark.hollow ? 2 : mark.size > 3 ? 1.5 : 0.5,
    });
  });
  if (mark.label && all.length > 0) {
    const i = all.at(-1)!;
    marks.push(note(at(x, i), at(y, i), scope.text(mark.label), paint(mark.color), {
      dx: mark.label_dx, dy: mark.label_dy, fontWeight: 600, textAnchor: mark.label_dx > 0 ? "start" : mark.label_dx < 0 ? "end" : "middle",
    }));
  }
  return marks;
}

function area(mark: AreaMark, scope: Scope, frame: Frame): Markish[] {
  const x = scope.numbers(mark.x);
  const [y1, y2] = [mark.low, mark.high].map((channel) => {
    const ends = scope.numbers(channel);
    return x.map((_, i) => clamp(frame.y, at(ends, i)));
  });
  return [areaY(x, { x, y1, y2, fill: paint(mark.color), fillOpacity: mark.opacity, clip: true })];
}

interface Field {
  x: number[];
  y: number[];
  z: number[];
}
function field(mark: ContourMark | HeatMark, scope: Scope): Field {
  const x = scope.numbers(mark.x);
  const y = scope.numbers(mark.y);
  const z = scope.numbers(mark.z);
  if (z.length !== x.length * y.length)
    throw new Error(`${mark.kind} "${mark.z}" holds ${z.length} values; ${y.length} rows (y) × ${x.length} columns (x) need ${x.length * y.length}`);
  return { x, y, z };
}

/** Samples stand at pixel centres for Plot: its frame of a grid reaches half a cell beyond the outer samples. */
function extent(values: number[]): [number, number] {
  const half = values.length > 1 ? (values.at(-1)! - values[0]!) / (values.length - 1) / 2 : 0.5;
  return [values[0]! - half, values.at(-1)! + half];
}

type Rings = { coordinates: [number, number][][][] };
type Levels = { data: number[]; options: object };

/** What Plot's contours need of a grid. Between straight scales the samples stand evenly: none need be looked for. */
function levels({ x, y, z }: Field, frame: Frame): Levels {
  const [x1, x2] = extent(x);
  const [y1, y2] = extent(y);
  const place = frame.x.log || frame.y.log ? { interpolate: "none" } : { x: null, y: null };
  const options = { width: x.length, height: y.length, x1, x2, y1, y2, ...place, value: (v: number) => v, clip: true, render: writeShort };
  return { data: z, options };
}

/** Draws contours without their paths, then writes these from the rings themselves: Plot's would be read again. */
const writeShort: RenderFunction = (index, scales, values, dimensions, context, next) => {
  const rings = (values as unknown as { geometry: Rings[] }).geometry;
  const drawn = next!(index, scales, { ...values, geometry: [] } as unknown as typeof values, dimensions, context)!;
  [...drawn.querySelectorAll("path")].forEach((path, i) => {
    const d = ringsPath(rings[index[i]!]!.coordinates.flat());
    if (d) path.setAttribute("d", d);
  });
  return drawn;
};

function contours(mark: ContourMark, scope: Scope, frame: Frame): Markish[] {
  const { data, options } = levels(field(mark, scope), frame);
  return [contour(data, { ...options, thresholds: mark.levels, stroke: paint(mark.color), strokeOpacity: 0.55, strokeWidth: 1 } as object)];
}

type Scale = (value: number) => number;

interface Cells {
  /** Where columns and rows begin and end, in pixels. */
  columns: number[];
  rows: number[];
  /** The strength of each cell's colour in per cent, row by row. */
  strengths: number[];
}

/**
 * Cells half a pixel apart from their neighbours, in one path a colour: a sheet of images has thousands. Those without
 * strength have the colour of what lies under them.
 */
function cellsByColor(pen: Pen, { columns, rows, strengths }: Cells, color: (percent: number) => string): SVGElement {
  const paths = new Map<number, PathWriter>();
  const wide = columns.length - 1;
  strengths.forEach((strength, i) => {
    if (strength === 0) return;
    let path = paths.get(strength);
    if (!path) paths.set(strength, (path = new PathWriter()));
    const [column, row] = [i % wide, Math.floor(i / wide)];
    const [x1, x2] = [columns[column]! + 0.5, columns[column + 1]! - 0.5];
    const [y1, y2] = [rows[row + 1]! + 0.5, rows[row]! - 0.5];
    path.move(x1, y1).line(x2, y1).line(x2, y2).line(x1, y2).close();
  });
  return svg(pen, "g", {}, ...[...paths].map(([strength, path]) => svg(pen, "path", { fill: color(strength), d: path.toString() })));
}

function heat(mark: HeatMark, scope: Scope, frame: Frame): Markish[] {
  const grid = field(mark, scope);
  const finite = grid.z.filter(Number.isFinite);
  const reach = Math.max(1e-300, ...finite.map(Math.abs));
  const domain = mark.domain?.map((end) => scope.number(end)) ?? (mark.low_color ? [-reach, reach] : [Math.min(...finite), Math.max(...finite)]);
  const [low, high] = [domain[0]!, domain.at(-1)!];
  const strength = (v: number): number => (mark.low_color ? (2 * (v - low)) / (high - low) - 1 : (v - low) / (high - low));
  if (mark.smooth) {
    const { data, options } = levels(grid, frame);
    const thresholds = Array.from({ length: 15 }, (_, i) => low + ((i + 0.5) * (high - low)) / 15);
    const middle = (band: { value: number }): number => band.value + (high - low) / 30;
    return [contour(data, { ...options, thresholds: [-1e300, ...thresholds], fill: middle, stroke: "none" } as object)];
  }
  const [x1, x2] = extent(grid.x);
  const [y1, y2] = extent(grid.y);
  const dx = (x2 - x1) / grid.x.length;
  const dy = (y2 - y1) / grid.y.length;
  const strengths = grid.z.map((v) => percent(mark.low_color ? strength(v) : Math.max(0, strength(v))));
  const edges = (start: number, step: number, count: number): number[] => Array.from({ length: count + 1 }, (_, i) => start + i * step);
  const marks: Markish[] = [
    rect([0], { x1: [x1], x2: [x2], y1: [y1], y2: [y2], fill: "var(--nnlab-surface)" }),
    (_index, scales, _values, _dimensions, { document }) => {
      const columns = edges(x1, dx, grid.x.length).map(scales.x as Scale);
      const rows = edges(y1, dy, grid.y.length).map(scales.y as Scale);
      return cellsByColor({ document: document as Document }, { columns, rows, strengths }, (p) => diverge(mark.low_color, mark.high_color, p / 100));
    },
  ];
  if (mark.text !== null) {
    const words = grid.z.map((v) => scope.format(v, mark.text!));
    const x = grid.z.map((_, i) => x1 + ((i % grid.x.length) + 0.5) * dx);
    const y = grid.z.map((_, i) => y1 + (Math.floor(i / grid.x.length) + 0.5) * dy);
    marks.push(text(grid.z, { x, y, text: words, fill: "var(--nnlab-ink)", fontSize: 12 }));
  }
  return marks;
}

/** How `heat` colours a smooth field: Plot asks a colour scale, not each cell. */
export function heatScale(marks: readonly Mark[], scope: Scope): object | undefined {
  const mark = marks.find((m): m is HeatMark => m.kind === "heat" && m.smooth);
  if (!mark) return undefined;
  const finite = scope.numbers(mark.z).filter(Number.isFinite);
  const reach = Math.max(1e-300, ...finite.map(Math.abs));
  const domain = mark.domain?.map((end) => scope.number(end)) ?? (mark.low_color ? [-reach, reach] : [Math.min(...finite), Math.max(...finite)]);
  const interpolate = (t: number): string => diverge(mark.low_color, mark.high_color, 0.75 * (mark.low_color ? 2 * t - 1 : t));
  return { type: "linear", domain: [domain[0], domain.at(-1)], clamp: true, interpolate };
}

/** A histogram a row, each over the one before it, in one mark: Plot would take two for each row. */
function ridges(mark: RidgesMark, scope: Scope, frame: Frame): Markish[] {
  if (!frame.x.domain || !frame.y.domain) throw new Error("ridges need axes with a domain");
  const x = scope.numbers(mark.x);
  const rows = scope.rows(mark.heights);
  const tallest = Math.max(1e-300, ...rows.flat().filter(Number.isFinite));
  const shapes: RenderFunction = (_index, scales, _values, _dimensions, { document }) => {
    const pen = { document: document as Document };
    const across = x.map(scales.x as Scale);
    const up = scales.y as Scale;
    const parts = rows.flatMap((heights, r) => {
      const base = rows.length - 1 - r;
      const color = paint(mark.color === "series" ? series(r) : mark.color);
      const top = heights.map((h) => up(base + ((Number.isFinite(h) ? h : 0) / tallest) * mark.overlap));
      const foot = [[across.at(-1)!, up(base)], [across[0]!, up(base)]] as [number, number][];
      const outline = top.map((y, i): [number, number] => [across[i]!, y]);
      return [
        svg(pen, "path", { d: ringsPath([[...outline, ...foot, outline[0]!]]), fill: color, "fill-opacity": 0.28 }),
        svg(pen, "path", {
          d: linePath(outline), fill: "none", stroke: color, "stroke-width": 1.5, "stroke-linejoin": "round", "stroke-linecap": "round",
        }),
      ];
    });
    return svg(pen, "g", { "clip-path": "frame" }, ...parts);
  };
  const words = mark.labels?.slice(0, rows.length).map((label) => scope.text(label)) ?? [];
  const names = text(words, {
    y: words.map((_, r) => rows.length - 1 - r), text: words, frameAnchor: "left", textAnchor: "end", dx: -8, dy: -4, fill: "var(--nnlab-ink)", fontSize: 12,
  });
  return [shapes, names];
}

/** One declared mark as the marks of Plot that draw it; none where its `when` is not positive. */
export function draw(mark: Mark, scope: Scope, frame: Frame): Markish[] {
  if (!scope.isOn(mark.when)) return [];
  switch (mark.kind) {
    case "line":
      return lines(mark, scope, frame);
    case "points":
      return points(mark, scope, frame);
    case "area":
      return area(mark, scope, frame);
    case "contour":
      return contours(mark, scope, frame);
    case "heat":
      return heat(mark, scope, frame);
    case "ridges":
      return ridges(mark, scope, frame);
    case "label": {
      const [x, y] = [scope.number(mark.x), scope.number(mark.y)];
      if (clamp(frame.x, x) !== x || clamp(frame.y, y) !== y) return [];
      return [note(x, y, scope.text(mark.text), paint(mark.color), { textAnchor: mark.anchor, dx: mark.dx, dy: mark.dy })];
    }
    case "arrow": {
      const [x1, y1, x2, y2] = [mark.x1, mark.y1, mark.x2, mark.y2].map((c) => scope.numbers(c)) as [number[], number[], number[], number[]];
      const ways = x1.map((_, i) => cut([x1[i]!, x2[i]!], [y1[i]!, y2[i]!], frame)).filter((way) => way.x.length > 1);
      const ends = {
        x1: ways.map((way) => way.x.at(-2)!), y1: ways.map((way) => way.y.at(-2)!),
        x2: ways.map((way) => way.x.at(-1)!), y2: ways.map((way) => way.y.at(-1)!),
      };
      const marks: Markish[] = [arrow(ways, { ...ends, stroke: paint(mark.color), strokeWidth: mark.width, headLength: 9, clip: true })];
      if (mark.label && within(frame.x, x2[0]!) && within(frame.y, y2[0]!))
        marks.push(note(x2[0]!, y2[0]!, scope.text(mark.label), paint(mark.color), { dy: -10, fontWeight: 600 }));
      return marks;
    }
    case "rule": {
      const style = { stroke: paint(mark.color), strokeWidth: 1.25, strokeDasharray: mark.dash ? "4 4" : undefined };
      const words = mark.label ? scope.text(mark.label) : null;
      const marks: Markish[] = [];
      for (const x of scope.numbers(mark.x).filter((x) => within(frame.x, x))) {
        marks.push(ruleX([x], style));
        if (words) marks.push(text([x], { x: [x], frameAnchor: "top", text: [words], fill: paint(mark.color), ...HALO, fontSize: 12, dy: 6 + mark.label_dy, dx: mark.label_dx, textAnchor: mark.label_dx < 0 ? "end" : "start" }));
      }
      for (const y of scope.numbers(mark.y).filter((y) => within(frame.y, y))) {
        marks.push(ruleY([y], style));
        if (words) marks.push(text([y], { y: [y], frameAnchor: "right", text: [words], fill: paint(mark.color), ...HALO, fontSize: 12, dy: -8 + mark.label_dy, dx: -4, textAnchor: "end" }));
      }
      return marks;
    }
  }
}


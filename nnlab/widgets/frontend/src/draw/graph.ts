/** A computational graph, left to right or, where it is narrow, top to bottom: values in c1, gradients in c2. */

import type { GraphEdge, GraphPanel } from "../spec";
import type { Scope } from "../data/scope";
import type { Box } from "./plot";
import { label, svg, textWidth, type Pen } from "./svg";

const RADIUS = 19;
const FONT = 14;

interface Point {
  x: number;
  y: number;
}

const tagWidth = (words: string, font: number, isStrong: boolean): number => textWidth(words, font) * (isStrong ? 1.1 : 1) + 18;

/** A text on a wire: absent in state 0, quiet in 1, boxed in 2. */
function tag(pen: Pen, words: string, at: Point, color: string, state: number, font: number): SVGElement[] {
  if (!words || !(state > 0)) return [];
  const strong = state >= 2;
  const width = tagWidth(words, font, strong);
  const height = font + 8;
  const parts: SVGElement[] = [];
  if (strong)
    parts.push(
      svg(pen, "rect", {
        x: at.x - width / 2, y: at.y - height / 2, width, height, rx: 5,
        fill: `color-mix(in srgb, ${color} 14%, var(--nnlab-surface))`, stroke: color, "stroke-width": 1.25,
      }),
    );
  const style = {
    x: at.x, y: at.y + font * 0.35, "text-anchor": "middle", fill: color, "font-size": font,
    "font-weight": strong ? 700 : 500,
  };
  parts.push(strong ? svg(pen, "text", style, words) : label(pen, words, style));
  return parts;
}

interface Wire {
  lines: SVGElement[];
  tags: SVGElement[];
}

function wire(edge: GraphEdge, from: Point, to: Point, scope: Scope, pen: Pen, isUpright: boolean): Wire {
  const font = isUpright ? 12.5 : FONT;
  const flow = scope.number(edge.flow, 0);
  const color = flow > 0 ? "var(--nnlab-c1)" : flow < 0 ? "var(--nnlab-c2)" : "var(--nnlab-muted)";
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const unit = { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
  const start = { x: from.x + unit.x * RADIUS, y: from.y + unit.y * RADIUS };
  const end = { x: to.x - unit.x * (RADIUS + 2), y: to.y - unit.y * (RADIUS + 2) };
  const [tip, tail] = flow < 0 ? [start, end] : [end, start];
  const sign = flow < 0 ? -1 : 1;
  const back = { x: tip.x - sign * unit.x * 9, y: tip.y - sign * unit.y * 9 };
  const side = { x: -unit.y * 4.5, y: unit.x * 4.5 };
  const along = isUpright ? (edge.narrow_label_at ?? edge.label_at) : edge.label_at;
  const place = { x: start.x + along * (end.x - start.x), y: start.y + along * (end.y - start.y) };
  const beside = (words: string, side: number): Point => {
    const width = textWidth(words, font);
    if (isUpright) return { x: place.x + side * (width / 2 + 13), y: place.y };
    const slant = Math.abs(unit.y / unit.x) * (width / 2);
    return { x: place.x, y: place.y + side * (font * 0.5 + 8 + slant * 0.7) };
  };
  const [above, below, note] = [scope.text(edge.above), scope.text(edge.below), scope.text(edge.note)];
  const noteSide = Math.sign(isUpright ? from.x - to.x : from.y - to.y) || 1;
  const notePlace = isUpright
    ? { x: to.x + noteSide * (RADIUS + 3 + tagWidth(note, font - 1, true) / 2), y: to.y + 9 }
    : { x: to.x, y: to.y + noteSide * (RADIUS + 17) };
  const lines = [
    svg(pen, "line", {
      x1: tail.x, y1: tail.y, x2: back.x, y2: back.y, stroke: color, "stroke-width": flow ? 2.5 : 1.5,
      class: flow ? "nnlab-flow" : null,
    }),
    svg(pen, "path", {
      d: `M${tip.x.toFixed(1)},${tip.y.toFixed(1)}L${(back.x + side.x).toFixed(1)},${(back.y + side.y).toFixed(1)}L${(back.x - side.x).toFixed(1)},${(back.y - side.y).toFixed(1)}Z`,
      fill: color,
    }),
  ];
  const tags = [
    ...tag(pen, above, beside(above, -1), "var(--nnlab-c1)", scope.number(edge.above_state, 1), font),
    ...tag(pen, below, beside(below, 1), "var(--nnlab-c2)", scope.number(edge.below_state, 1), font),
    ...tag(pen, note, notePlace, "var(--nnlab-c3)", scope.number(edge.note_state, 1), font - 1),
  ];
  return { lines, tags };
}

export function drawGraph(panel: GraphPanel, scope: Scope, box: Box, pen: Pen): SVGElement {
  const isUpright = box.width < 480;
  const [across, down] = isUpright ? [1, 0] : [0, 1];
  const xs = panel.nodes.map((node) => node.at[across]!);
  const ys = panel.nodes.map((node) => node.at[down]!);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const margin = isUpright ? { x: RADIUS + 26, y: RADIUS + 6 } : { x: RADIUS + 8, y: RADIUS + 26 };
  const place = new Map<string, Point>(
    panel.nodes.map(({ name, at: node }) => [
      name,
      {
        x: box.x + margin.x + ((node[across]! - left) / (right - left || 1)) * (box.width - 2 * margin.x),
        y: box.y + margin.y + ((node[down]! - top) / (bottom - top || 1)) * (box.height - 2 * margin.y),
      },
    ]),
  );
  const at = (name: string): Point => {
    const point = place.get(name);
    if (!point) throw new Error(`graph: no node is called "${name}"`);
    return point;
  };
  const nodes = panel.nodes.map((node) => {
    const { x, y } = at(node.name);
    const strong = scope.number(node.state, 1) >= 2;
    const text = svg(
      pen, "text",
      { x, y: y + 6, "text-anchor": "middle", fill: "var(--nnlab-ink)", "font-size": 17, "font-weight": 600 },
      scope.text(node.text),
    );
    if (node.shape === "none") return svg(pen, "g", {}, text);
    return svg(
      pen, "g", {},
      svg(pen, "circle", {
        cx: x, cy: y, r: RADIUS, fill: strong ? "color-mix(in srgb, var(--nnlab-ink) 8%, var(--nnlab-surface))" : "var(--nnlab-surface)",
        stroke: strong ? "var(--nnlab-ink)" : "var(--nnlab-muted)", "stroke-width": strong ? 2.5 : 1.5,
      }),
      text,
    );
  });
  const wires = panel.edges.map((edge) => wire(edge, at(edge.source), at(edge.target), scope, pen, isUpright));
  return svg(pen, "g", {}, ...wires.flatMap(({ lines }) => lines), ...nodes, ...wires.flatMap(({ tags }) => tags));
}

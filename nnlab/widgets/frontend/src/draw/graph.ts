/** A computational graph: values above each wire in blue, gradients below it in vermilion. */

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

/** A text on a wire: absent in state 0, quiet in 1, boxed in 2. */
function tag(pen: Pen, words: string, at: Point, color: string, state: number, font: number): SVGElement[] {
  if (!words || !(state > 0)) return [];
  const width = textWidth(words, font) + 14;
  const strong = state >= 2;
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

function wire(edge: GraphEdge, from: Point, to: Point, scope: Scope, pen: Pen, font: number): Wire {
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
  const place = { x: start.x + edge.label_at * (end.x - start.x), y: start.y + edge.label_at * (end.y - start.y) };
  const gap = font * 0.5 + 9;
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
    ...tag(pen, scope.text(edge.above), { x: place.x, y: place.y - gap }, "var(--nnlab-c1)", scope.number(edge.above_state, 1), font),
    ...tag(pen, scope.text(edge.below), { x: place.x, y: place.y + gap }, "var(--nnlab-c2)", scope.number(edge.below_state, 1), font),
    ...tag(
      pen, scope.text(edge.note),
      { x: to.x - unit.x * (RADIUS + 4), y: to.y + Math.sign(from.y - to.y || 1) * (RADIUS + 17) },
      "var(--nnlab-c3)", scope.number(edge.note_state, 1), font - 1,
    ),
  ];
  return { lines, tags };
}

export function drawGraph(panel: GraphPanel, scope: Scope, box: Box, pen: Pen): SVGElement {
  const font = box.width < 480 ? 12.5 : FONT;
  const xs = panel.nodes.map((node) => node.at[0]);
  const ys = panel.nodes.map((node) => node.at[1]);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const margin = { x: RADIUS + 8, y: RADIUS + 26 };
  const place = new Map<string, Point>(
    panel.nodes.map(({ name, at: [x, y] }) => [
      name,
      {
        x: box.x + margin.x + ((x - left) / (right - left || 1)) * (box.width - 2 * margin.x),
        y: box.y + margin.y + ((y - top) / (bottom - top || 1)) * (box.height - 2 * margin.y),
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
  const wires = panel.edges.map((edge) => wire(edge, at(edge.source), at(edge.target), scope, pen, font));
  return svg(pen, "g", {}, ...wires.flatMap(({ lines }) => lines), ...nodes, ...wires.flatMap(({ tags }) => tags));
}

/** Horizontal bars with their names at the left and their numbers at the end. */

import type { BarsPanel } from "../spec";
import type { Scope } from "../data/scope";
import type { Box } from "./plot";
import { formatDecade } from "../data/format";
import { paint } from "./paint";
import { label, svg, textWidth, type Pen } from "./svg";

export function drawBars(panel: BarsPanel, scope: Scope, box: Box, pen: Pen): SVGElement {
  const values = scope.numbers(panel.values);
  const shown = panel.shown === null ? null : scope.numbers(panel.shown);
  const names = (typeof panel.labels === "string" ? Array.from(scope.tensor(panel.labels).data, String) : panel.labels).map((name) =>
    scope.text(name),
  );
  const { log } = panel.axis;
  const hasTicks = log && !panel.axis.hidden;
  const foot = (panel.axis.label ? 22 : 0) + (hasTicks ? 18 : 0);
  const words = values.map((v) => scope.format(v, panel.format));
  const nameRoom = Math.max(...names.map((name) => textWidth(name, 13))) + 12;
  const wordRoom = Math.max(...words.map((word) => textWidth(word, 12.5))) + 10;
  const length = (v: number): number => (log ? Math.log10(Math.max(Math.abs(v), 1e-300)) : v);
  const ends = panel.axis.domain?.map((end) => length(scope.number(end)));
  const finite = values.filter(Number.isFinite).map(length);
  const low = ends?.[0] ?? Math.min(log ? Math.floor(Math.min(...finite)) - 1 : 0, ...finite);
  const high = ends?.at(-1) ?? Math.max(log ? Math.ceil(Math.max(...finite)) : 0, ...finite, low + 1e-12);
  const left = box.x + nameRoom + (low < 0 && !log ? wordRoom : 0);
  const right = box.x + box.width - wordRoom;
  const scale = (v: number): number => left + ((Math.min(high, Math.max(low, v)) - low) / (high - low)) * (right - left);
  const zero = log ? left : scale(0);
  const pitch = Math.min(44, (box.height - foot) / Math.max(1, values.length));
  const thick = Math.min(20, pitch * 0.6);
  const rows = values.flatMap((value, i) => {
    const isShown = !shown || shown[i]! > 0;
    const y = box.y + pitch * (i + 0.5);
    const end = Number.isNaN(value) ? zero : scale(length(value));
    const color = paint(panel.colors[i % panel.colors.length]!);
    const leftward = end < zero;
    const name = svg(pen, "text", { x: box.x, y: y + 4.5, "font-size": 13, fill: "var(--nnlab-ink)" }, names[i] ?? "");
    if (!isShown) return [name];
    return [
      name,
      svg(pen, "rect", { x: Math.min(zero, end), y: y - thick / 2, width: Math.max(1, Math.abs(end - zero)), height: thick, rx: 2, fill: color, "fill-opacity": 0.82 }),
      label(pen, words[i]!, {
        x: end + (leftward ? -6 : 6), y: y + 4.5, "text-anchor": leftward ? "end" : "start", "font-size": 12.5,
        "font-weight": 600, fill: color,
      }),
    ];
  });
  const axis = svg(pen, "line", { x1: zero, x2: zero, y1: box.y, y2: box.y + pitch * values.length, stroke: "var(--nnlab-muted)" });
  const bottom = box.y + pitch * values.length;
  const every = Math.max(1, Math.ceil((high - low) / ((right - left) / 50)));
  const decades = hasTicks ? Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, i) => Math.round(high) - i * every) : [];
  const grid = decades.flatMap((power) => [
    svg(pen, "line", { x1: scale(power), x2: scale(power), y1: box.y, y2: bottom, stroke: "var(--nnlab-grid)" }),
    svg(pen, "text", { x: scale(power), y: bottom + 15, "text-anchor": "middle", "font-size": 12, fill: "var(--nnlab-muted)" }, formatDecade(10 ** power)),
  ]);
  const caption = panel.axis.label
    ? [svg(pen, "text", { x: (left + right) / 2, y: bottom + foot - 4, "text-anchor": "middle", "font-size": 12.5, fill: "var(--nnlab-muted)" }, scope.text(panel.axis.label))]
    : [];
  return svg(pen, "g", {}, ...grid, axis, ...rows, ...caption);
}

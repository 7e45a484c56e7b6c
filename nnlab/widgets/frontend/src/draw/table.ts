/** A small table of words and numbers, ruled like a printed one. */

import type { TablePanel } from "../spec";
import type { Scope } from "../data/scope";
import type { Box } from "./plot";
import { svg, textWidth, type Pen } from "./svg";

const NUMBER = /^[−+]?[\d∞]/;

export function drawTable(panel: TablePanel, scope: Scope, box: Box, pen: Pen): SVGElement {
  const head = panel.columns.map((cell) => scope.text(cell));
  const rows = panel.rows.map((row) => row.map((cell) => scope.text(cell)));
  const columns = Math.max(head.length, ...rows.map((row) => row.length));
  const needs = Array.from({ length: columns }, (_, c) => Math.max(...[head, ...rows].map((row) => textWidth(row[c] ?? "", 13))) + 18);
  const total = needs.reduce((a, b) => a + b, 0);
  const widths = needs.map((need) => (need / total) * box.width);
  const font = Math.min(13.5, (13 * box.width) / total);
  const lines = rows.length + (head.length ? 1 : 0);
  const pitch = Math.min(28, box.height / lines);
  const chosen = scope.number(panel.highlight, -1);
  const isNumeric = widths.map((_, c) => c > 0 && rows.every((row) => NUMBER.test(row[c] ?? "") || (row[c] ?? "") === ""));
  const parts: SVGElement[] = [];
  let y = box.y;
  const write = (row: string[], style: Record<string, string | number>): void => {
    let x = box.x;
    row.forEach((cell, c) => {
      const right = isNumeric[c];
      parts.push(svg(pen, "text", { x: right ? x + widths[c]! - 9 : x + 9, y: y + pitch / 2 + 4.5, "text-anchor": right ? "end" : "start", "font-size": font, ...style }, cell));
      x += widths[c]!;
    });
    y += pitch;
  };
  const rule = (strength: number): void => {
    parts.push(svg(pen, "line", { x1: box.x, x2: box.x + box.width, y1: y, y2: y, stroke: strength > 1 ? "var(--nnlab-muted)" : "var(--nnlab-grid)", "stroke-width": 1 }));
  };
  if (head.length) {
    write(head, { fill: "var(--nnlab-muted)" });
    rule(2);
  }
  rows.forEach((row, r) => {
    if (r === chosen)
      parts.push(svg(pen, "rect", { x: box.x, y, width: box.width, height: pitch, fill: "color-mix(in srgb, var(--nnlab-c1) 12%, var(--nnlab-surface))" }));
    write(row, { fill: "var(--nnlab-ink)", "font-weight": r === chosen ? 700 : 400 });
    rule(1);
  });
  return svg(pen, "g", {}, ...parts);
}

/** A layered network: each unit filled by its number, each connection as thick as its weight. */

import type { Channel, NetworkPanel } from "../spec";
import type { Scope } from "../data/scope";
import type { Box } from "./plot";
import { diverge } from "./paint";
import { label, svg, type Pen } from "./svg";

const largest = (values: readonly number[]): number => Math.max(1e-300, ...values.filter(Number.isFinite).map(Math.abs));

export function drawNetwork(panel: NetworkPanel, scope: Scope, box: Box, pen: Pen): SVGElement {
  const known = (channel: Channel, shown: Channel, layer: number): number[] => {
    const values = scope.numbers(channel);
    return shown === null || scope.numbers(shown)[layer]! > 0 ? values : values.map(() => Number.NaN);
  };
  const units = panel.units.map((channel, l) => known(channel, panel.units_shown, l));
  const weights = panel.weights.map((channel, l) => known(channel, panel.weights_shown, l));
  const all = (channels: readonly Channel[]): number[] => channels.flatMap((channel) => scope.numbers(channel));
  const unitReach = scope.number(panel.unit_domain, largest(all(panel.units)));
  const weightReach = scope.number(panel.weight_domain, largest(all(panel.weights)));
  const emphasis = scope.number(panel.emphasis, -1);
  const hasLabels = panel.labels.length > 0;
  const left = box.x + (panel.input_names.length ? 54 : 26);
  const right = box.x + box.width - (panel.output_names.length ? 54 : 26);
  const height = box.height - (hasLabels ? 26 : 0);
  const tallest = Math.max(...units.map((layer) => layer.length));
  const pitch = Math.min(72, height / tallest);
  const radius = Math.min(21, pitch * 0.36, ((right - left) / Math.max(1, units.length - 1)) * 0.28);
  const x = (layer: number): number => (units.length > 1 ? left + ((right - left) * layer) / (units.length - 1) : (left + right) / 2);
  const y = (layer: number, unit: number): number => box.y + height / 2 + (unit - (units[layer]!.length - 1) / 2) * pitch;

  const wires = weights.flatMap((matrix, layer) => {
    const [rows, columns] = [units[layer]!.length, units[layer + 1]!.length];
    if (matrix.length !== rows * columns)
      throw new Error(`network: weights ${layer} hold ${matrix.length} numbers; ${rows} → ${columns} units need ${rows * columns}`);
    return matrix.map((w, k) => {
      const strength = Number.isNaN(w) ? 0 : Math.min(1, Math.abs(w) / weightReach);
      const [i, j] = [Math.floor(k / columns), k % columns];
      return svg(pen, "line", {
        x1: x(layer), y1: y(layer, i), x2: x(layer + 1), y2: y(layer + 1, j), stroke: diverge("c2", "c1", w < 0 ? -1 : 1),
        "stroke-width": 0.6 + 4.4 * strength, "stroke-opacity": 0.12 + 0.68 * strength,
        "stroke-dasharray": w < 0 ? "6 3" : null, class: emphasis === layer ? "nnlab-flow" : null,
      });
    });
  });

  const discs = units.flatMap((layer, l) =>
    layer.flatMap((value, u) => {
      const strength = Number.isFinite(value) ? Math.max(-1, Math.min(1, value / unitReach)) : Number.NaN;
      const parts: SVGElement[] = [
        svg(pen, "circle", {
          cx: x(l), cy: y(l, u), r: radius, fill: Number.isNaN(value) ? "var(--nnlab-surface)" : diverge("c2", "c1", 0.62 * strength),
          stroke: emphasis === l ? "var(--nnlab-ink)" : "var(--nnlab-muted)", "stroke-width": emphasis === l ? 2.5 : 1.25,
        }),
      ];
      if (panel.format !== null && radius > 13 && !Number.isNaN(value))
        parts.push(
          svg(pen, "text", { x: x(l), y: y(l, u) + 4, "text-anchor": "middle", "font-size": 11.5, fill: "var(--nnlab-ink)" },
            scope.format(value, panel.format)),
        );
      return parts;
    }),
  );

  const ends = { fill: "var(--nnlab-ink)", "font-size": 13 };
  const names = [
    ...panel.input_names.map((name, u) => label(pen, name, { x: left - radius - 8, y: y(0, u) + 4, "text-anchor": "end", ...ends })),
    ...panel.output_names.map((name, u) =>
      label(pen, name, { x: right + radius + 8, y: y(units.length - 1, u) + 4, "text-anchor": "start", ...ends }),
    ),
    ...panel.labels.map((template, l) =>
      label(pen, scope.text(template), {
        x: x(l), y: box.y + box.height - 6, "text-anchor": "middle", "font-size": 12.5,
        fill: emphasis === l ? "var(--nnlab-ink)" : "var(--nnlab-muted)", "font-weight": emphasis === l ? 700 : 400,
      }),
    ),
  ];
  return svg(pen, "g", {}, ...wires, ...discs, ...names);
}

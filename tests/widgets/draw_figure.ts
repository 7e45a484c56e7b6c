// Draws one figure as the page does: {spec, results, state} in, its SVG out.
import { readFileSync } from "node:fs";
import { parseHTML } from "../../nnlab/widgets/frontend/node_modules/linkedom";
import { Scope } from "../../nnlab/widgets/frontend/src/data/scope";
import { Figure } from "../../nnlab/widgets/frontend/src/draw/figure";
import { initialState, type Spec } from "../../nnlab/widgets/frontend/src/spec";

type Plain = number | string | null;
const { spec, results } = JSON.parse(readFileSync(0, "utf8")) as {
  spec: Spec; results: Record<string, { data: Plain[]; shape: number[] }>;
};
const { document } = parseHTML("<!doctype html><html><body></body></html>");
const number = (v: Plain): number | string => (v === null ? Number.NaN : v === "∞" ? Infinity : v === "−∞" ? -Infinity : v);
const scope = new Scope(spec, initialState(spec), (name) => {
  const found = results[name];
  return found && { data: found.data.map(number), shape: found.shape };
}, "");
process.stdout.write(JSON.stringify(new Figure(spec, "wide", { document }, "figure").update(scope).outerHTML));

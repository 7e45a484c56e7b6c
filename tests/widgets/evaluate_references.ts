// Looks references up as the front end does: {array, shape, state, references} in, [{shape, data} or {error}] out.
import { readFileSync } from "node:fs";
import { Scope } from "../../nnlab/widgets/frontend/src/data/scope";
import type { Spec, State } from "../../nnlab/widgets/frontend/src/spec";

const { array, shape, frames, state, references } = JSON.parse(readFileSync(0, "utf8")) as {
  array: number[]; shape: number[]; frames: number; state: State; references: string[];
};
const control = { kind: "play", name: "t", label: "t", values: Array.from({ length: frames }, (_, i) => i), labels: null, initial: 0, unit: "", format: "", interval: 1 };
const spec = { name: "x", title: "x", controls: [control], rows: [], goals: [], prediction: null, source: "" } as unknown as Spec;
const scope = new Scope(spec, state, (name) => (name === "a" ? { data: array, shape } : undefined), "");
process.stdout.write(
  JSON.stringify(
    references.map((reference) => {
      try {
        const found = scope.tensor(reference);
        return { shape: found.shape, data: Array.from(found.data) };
      } catch (error) {
        return { error: (error as Error).message };
      }
    }),
  ),
);

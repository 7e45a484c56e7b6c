// Brings one figure through states, and draws each at once: {pack, layout, states} in, [{kept, fresh}] out.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parseHTML } from "../../nnlab/widgets/frontend/node_modules/linkedom";
import { Pack } from "../../nnlab/widgets/frontend/src/data/pack";
import { Scope } from "../../nnlab/widgets/frontend/src/data/scope";
import { Figure, type Layout } from "../../nnlab/widgets/frontend/src/draw/figure";
import type { State } from "../../nnlab/widgets/frontend/src/spec";

const { pack: path, layout, states } = JSON.parse(readFileSync(0, "utf8")) as { pack: string; layout: Layout; states: State[] };
const { document } = parseHTML("<!doctype html><html><body></body></html>");
const bytes = new Uint8Array(gunzipSync(readFileSync(path)));
const draw = (pack: Pack, figure: Figure, state: State): string =>
  figure.update(new Scope(pack.spec, state, (name) => pack.result(name, state), "")).outerHTML;
const begin = (pack: Pack): Figure => new Figure(pack.spec, layout, { document }, "figure");

const pack = new Pack(bytes);
const kept = begin(pack);
process.stdout.write(
  JSON.stringify(
    states.map((state) => {
      const other = new Pack(bytes);
      return { kept: draw(pack, kept, state), fresh: draw(other, begin(other), state) };
    }),
  ),
);

// Reads states of packs with the front end's own reader: [{pack, state}] in, [{words, arrays}] out; NaN and ∞ as text.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Pack } from "../../nnlab/widgets/frontend/src/data/pack";
import { Scope } from "../../nnlab/widgets/frontend/src/data/scope";
import type { State } from "../../nnlab/widgets/frontend/src/spec";

const requests = JSON.parse(readFileSync(0, "utf8")) as { pack: string; names: string[]; state: State }[];
const packs = new Map<string, Pack>();
const open = (path: string): Pack => {
  if (!packs.has(path)) packs.set(path, new Pack(new Uint8Array(gunzipSync(readFileSync(path)))));
  return packs.get(path)!;
};
const plain = (value: number | string): number | string =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value;

process.stdout.write(
  JSON.stringify(
    requests.map(({ pack: path, names, state }) => {
      const pack = open(path);
      const arrays = Object.fromEntries(
        names.map((name) => {
          const found = pack.result(name, state);
          return [name, found ? { shape: found.shape, data: Array.from(found.data as ArrayLike<number>, plain) } : null];
        }),
      );
      const scope = new Scope(pack.spec, state, (name) => pack.result(name, state), pack.words(state));
      return { words: scope.words, said: scope.text(scope.words), arrays };
    }),
  ),
);

// Formats numbers as the front end does: [[number, code]] in, [text] out.
import { readFileSync } from "node:fs";
import { formatNumber } from "../../nnlab/widgets/frontend/src/data/format";

const requests = JSON.parse(readFileSync(0, "utf8")) as [number | string, string][];
process.stdout.write(JSON.stringify(requests.map(([x, code]) => formatNumber(Number(x), code))));

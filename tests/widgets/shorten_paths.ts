// The front end's shorter way of writing each of a list of paths.
import { readFileSync } from "node:fs";
import { shorten } from "../../nnlab/widgets/frontend/src/draw/path";

const paths = JSON.parse(readFileSync(0, "utf8")) as string[];
process.stdout.write(JSON.stringify(paths.map(shorten)));

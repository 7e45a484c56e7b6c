/** Paths written short: tenths of a pixel, each place given from the last, and one line where several run straight on. */

/** Decimals of a pixel: a tenth is finer than any screen shows. */
const STEPS = 10;
/** How far, in pixels, a straight line may pass by the places it stands for. */
const TOLERANCE = 0.04;
/** The most places one line stands for, which bounds the work. */
const LONGEST = 40;

type Place = [number, number];

/** Writes a path in relative commands. It counts whole steps, so that roundings never add up. */
export class PathWriter {
  private readonly parts: string[] = [];
  private last = "";
  private at: Place = [0, 0];
  private start: Place = [0, 0];

  move(x: number, y: number): this {
    this.put("m", [[x, y]]);
    this.start = this.at;
    // numbers that follow a move's are read as a line's
    this.last = "l";
    return this;
  }

  line(x: number, y: number): this {
    const [dx, dy] = this.step([x, y]);
    if (dx === 0 && dy === 0) return this;
    return this.put(dy === 0 ? "h" : dx === 0 ? "v" : "l", [[x, y]]);
  }

  curve(...places: Place[]): this {
    return this.put("c", places);
  }

  close(): this {
    this.parts.push("z");
    this.last = "z";
    this.at = this.start;
    return this;
  }

  toString(): string {
    return this.parts.join("");
  }

  private step([x, y]: Place): Place {
    return [Math.round(x * STEPS) - this.at[0], Math.round(y * STEPS) - this.at[1]];
  }

  private put(command: string, places: Place[]): this {
    const steps = places.map((place) => this.step(place));
    const numbers = steps.flatMap(([dx, dy]) => (command === "h" ? [dx] : command === "v" ? [dy] : [dx, dy]));
    let before = command;
    if (command === this.last) before = this.parts.at(-1)!;
    else this.parts.push(command);
    for (const number of numbers) {
      const digits = shortest(number);
      const isParted = /[a-z]/.test(before) || digits.startsWith("-") || (digits.startsWith(".") && before.includes("."));
      this.parts.push(isParted ? digits : ` ${digits}`);
      before = digits;
    }
    this.last = command;
    const [dx, dy] = steps.at(-1)!;
    this.at = [this.at[0] + dx, this.at[1] + dy];
    return this;
  }
}

/** A number of steps in pixels, without the zero before the point. */
function shortest(steps: number): string {
  return String(steps / STEPS).replace(/^(-?)0\./, "$1.");
}

function distance([x, y]: Place, [ax, ay]: Place, [bx, by]: Place): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/** The places of a polyline that a straight line between others does not already pass. */
function corners(places: readonly Place[]): Place[] {
  const kept: Place[] = [];
  let from = 0;
  while (from < places.length) {
    kept.push(places[from]!);
    let to = Math.min(from + 1, places.length);
    while (to + 1 < places.length && to - from < LONGEST && isStraight(places, from, to + 1)) to++;
    from = to;
  }
  return kept;
}

function isStraight(places: readonly Place[], from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) if (distance(places[i]!, places[from]!, places[to]!) > TOLERANCE) return false;
  return true;
}

/** The same path, shorter; one with other commands than M, L, C and Z is left as it is. */
export function shorten(path: string): string {
  if (/[^MLCZ\d\s,.e+-]/.test(path)) return path;
  const writer = new PathWriter();
  let polyline: Place[] = [];
  const flush = (): void => {
    for (const place of corners(polyline).slice(1)) writer.line(...place);
    polyline = polyline.slice(-1);
  };
  for (const [, command, numbers] of path.matchAll(/([MLCZ])([^MLCZ]*)/g)) {
    const values = numbers!.match(/-?\d*\.?\d+(?:e[-+]?\d+)?/g)?.map(Number) ?? [];
    const places = Array.from({ length: values.length / 2 }, (_, i): Place => [values[2 * i]!, values[2 * i + 1]!]);
    if (command === "L") polyline.push(...places);
    else flush();
    if (command === "M") writer.move(...places[0]!);
    if (command === "C") writer.curve(...places);
    if (command === "Z") writer.close();
    if (command === "M" || command === "C") polyline = [places.at(-1)!];
  }
  flush();
  return writer.toString();
}

/** Paths written short: tenths of a pixel, each place given from the last, and one line where several run straight on. */

/** Decimals of a pixel: a tenth is finer than any screen shows. */
const STEPS = 10;
/** How far, in pixels, a straight line may pass by the places it stands for. */
const TOLERANCE = 0.04;
/** The most places one line stands for, which bounds the work. */
const LONGEST = 40;
/** Numbers of so many steps are written once and kept: nearly all are small. */
const KEPT = 8192;

const [MINUS, POINT] = ["-".charCodeAt(0), ".".charCodeAt(0)];
const written: string[] = [];

/** A number of steps in pixels, without the zero before the point. */
function shortest(steps: number): string {
  if (steps < 0) return `-${shortest(-steps)}`;
  if (steps >= KEPT) return String(steps / STEPS);
  return (written[steps] ??= String(steps / STEPS).replace(/^0\./, "."));
}

/** Writes a path in relative commands. It counts whole steps, so that roundings never add up. */
export class PathWriter {
  private text = "";
  /** The command whose numbers may go on without its letter. */
  private last = "";
  private isAfterLetter = true;
  private hasPoint = false;
  private x = 0;
  private y = 0;
  private startX = 0;
  private startY = 0;

  move(x: number, y: number): this {
    this.command("m");
    this.number(Math.round(x * STEPS) - this.x);
    this.number(Math.round(y * STEPS) - this.y);
    this.stand(x, y);
    this.startX = this.x;
    this.startY = this.y;
    // numbers that follow a move's are read as a line's
    this.last = "l";
    return this;
  }

  line(x: number, y: number): this {
    const dx = Math.round(x * STEPS) - this.x;
    const dy = Math.round(y * STEPS) - this.y;
    if (dx === 0 && dy === 0) return this;
    this.command(dy === 0 ? "h" : dx === 0 ? "v" : "l");
    if (dx !== 0) this.number(dx);
    if (dy !== 0) this.number(dy);
    this.stand(x, y);
    return this;
  }

  curve(x1: number, y1: number, x2: number, y2: number, x: number, y: number): this {
    this.command("c");
    for (const [px, py] of [[x1, y1], [x2, y2], [x, y]] as const) {
      this.number(Math.round(px * STEPS) - this.x);
      this.number(Math.round(py * STEPS) - this.y);
    }
    this.stand(x, y);
    return this;
  }

  close(): this {
    this.text += "z";
    this.last = "z";
    this.isAfterLetter = true;
    this.x = this.startX;
    this.y = this.startY;
    return this;
  }

  toString(): string {
    return this.text;
  }

  private stand(x: number, y: number): void {
    this.x = Math.round(x * STEPS);
    this.y = Math.round(y * STEPS);
  }

  private command(letter: string): void {
    if (letter === this.last) return;
    this.text += letter;
    this.last = letter;
    this.isAfterLetter = true;
  }

  private number(steps: number): void {
    const digits = shortest(steps);
    const first = digits.charCodeAt(0);
    // a sign parts numbers by itself, and so does a second point
    const isParted = this.isAfterLetter || first === MINUS || (first === POINT && this.hasPoint);
    this.text += isParted ? digits : ` ${digits}`;
    this.isAfterLetter = false;
    this.hasPoint = digits.includes(".");
  }
}

/** Places one after the other, joined by straight lines. */
class Polyline {
  private readonly x: number[] = [];
  private readonly y: number[] = [];

  restart(x: number, y: number): void {
    this.x.length = this.y.length = 0;
    this.add(x, y);
  }

  add(x: number, y: number): void {
    this.x.push(x);
    this.y.push(y);
  }

  /** Draws lines to the places that a straight line between others does not already pass, and starts again at the last. */
  write(writer: PathWriter): void {
    const { x, y } = this;
    const last = x.length - 1;
    for (let from = 0; from < last; ) {
      let to = from + 1;
      while (to < last && to - from < LONGEST && this.isStraight(from, to + 1)) to++;
      writer.line(x[to]!, y[to]!);
      from = to;
    }
    if (last > 0) this.restart(x[last]!, y[last]!);
  }

  private isStraight(from: number, to: number): boolean {
    const { x, y } = this;
    const [ax, ay] = [x[from]!, y[from]!];
    const [dx, dy] = [x[to]! - ax, y[to]! - ay];
    const length = dx * dx + dy * dy;
    for (let i = from + 1; i < to; i++) {
      const [px, py] = [x[i]! - ax, y[i]! - ay];
      const t = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
      const [ex, ey] = [px - t * dx, py - t * dy];
      if (ex * ex + ey * ey > TOLERANCE * TOLERANCE) return false;
    }
    return true;
  }
}

const NUMBER = /[-+]?[\d.]+(?:e[-+]?\d+)?/y;
const isLetter = (code: number): boolean => code >= 65 && code <= 90;

/** The numbers of a path that stand between a command's letter and the next, from `at` on; returns where they end. */
function readNumbers(path: string, at: number, into: number[]): number {
  into.length = 0;
  while (at < path.length && !isLetter(path.charCodeAt(at))) {
    NUMBER.lastIndex = at;
    if (NUMBER.test(path)) {
      into.push(Number(path.slice(at, NUMBER.lastIndex)));
      at = NUMBER.lastIndex;
    } else at++;
  }
  return at;
}

/** The same path, shorter; one with other commands than M, L, C and Z is left as it is. */
export function shorten(path: string): string {
  if (/[^MLCZ\d\s,.e+-]/.test(path)) return path;
  const writer = new PathWriter();
  const line = new Polyline();
  const n: number[] = [];
  for (let at = 0; at < path.length; ) {
    const command = path[at]!;
    at = readNumbers(path, at + 1, n);
    if (command === "L") for (let i = 0; i < n.length; i += 2) line.add(n[i]!, n[i + 1]!);
    else line.write(writer);
    if (command === "M") {
      writer.move(n[0]!, n[1]!);
      line.restart(n[0]!, n[1]!);
    }
    if (command === "C")
      for (let i = 0; i < n.length; i += 6) {
        writer.curve(n[i]!, n[i + 1]!, n[i + 2]!, n[i + 3]!, n[i + 4]!, n[i + 5]!);
        line.restart(n[i + 4]!, n[i + 5]!);
      }
    if (command === "Z") writer.close();
  }
  line.write(writer);
  return writer.toString();
}

type Place = readonly [number, number];
type Ring = readonly Place[];

/** Places joined by straight lines, as a path written short. */
export function linePath(places: readonly Place[]): string {
  const writer = new PathWriter();
  const line = new Polyline();
  places.forEach(([x, y], i) => {
    if (i > 0) line.add(x, y);
    else {
      writer.move(x, y);
      line.restart(x, y);
    }
  });
  line.write(writer);
  return writer.toString();
}

/** Closed rings, each with its first place again at its end, as a path written short. */
export function ringsPath(rings: Iterable<Ring>): string {
  const writer = new PathWriter();
  const line = new Polyline();
  for (const ring of rings) {
    const [x, y] = ring[0]!;
    writer.move(x, y);
    line.restart(x, y);
    for (let i = 1; i < ring.length - 1; i++) line.add(ring[i]![0], ring[i]![1]);
    line.write(writer);
    writer.close();
  }
  return writer.toString();
}

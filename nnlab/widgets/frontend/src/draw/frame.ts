/** The fixed axes of a plot: what lies on them, and curves cut off well beyond them. */

export interface Side {
  domain: [number, number] | null;
  log: boolean;
}
export interface Frame {
  x: Side;
  y: Side;
}
interface Place {
  x: number;
  y: number;
}
interface Box {
  x: [number, number];
  y: [number, number];
}

/** How many lengths of an axis a curve may go on beyond its ends. A diverging run passes what SVG can hold. */
const BEYOND = 4;

/** Whether a place lies on a fixed axis. What does not is left out: clipping it to nothing fails in the PNG's renderer. */
export const within = ({ domain }: Side, v: number): boolean =>
  Number.isFinite(v) && (!domain || (v >= Math.min(...domain) && v <= Math.max(...domain)));

const along = (side: Side, v: number): number => (side.log ? Math.log10(v) : v);
const back = (side: Side, v: number): number => (side.log ? 10 ** v : v);

function reach(side: Side, beyond = BEYOND): [number, number] {
  if (!side.domain) return [-Infinity, Infinity];
  const [a, b] = side.domain.map((end) => along(side, end)) as [number, number];
  const more = beyond * Math.abs(b - a);
  return [Math.min(a, b) - more, Math.max(a, b) + more];
}

const isIn = ([low, high]: [number, number], v: number): boolean => v >= low && v <= high;

/** A number brought within reach of its axis; what is not a number stays so. */
export function clamp(side: Side, v: number): number {
  const [low, high] = reach(side);
  const place = along(side, v);
  return isIn([low, high], place) ? v : back(side, Math.min(high, Math.max(low, place)));
}

/** The part of the straight way from p to q that lies in the box (Liang and Barsky 1984). */
function inside(p: Place, q: Place, box: Box): [Place, Place] | null {
  let [from, to] = [0, 1];
  for (const axis of ["x", "y"] as const) {
    const step = q[axis] - p[axis];
    const [low, high] = box[axis].map((end) => (end - p[axis]) / step) as [number, number];
    if (step === 0) {
      if (!isIn(box[axis], p[axis])) return null;
      continue;
    }
    from = Math.max(from, Math.min(low, high));
    to = Math.min(to, Math.max(low, high));
  }
  if (!(from <= to)) return null;
  const at = (t: number): Place => ({ x: p.x + t * (q.x - p.x), y: p.y + t * (q.y - p.y) });
  return [from > 0 ? at(from) : p, to < 1 ? at(to) : q];
}

/** A straight-lined curve without what lies far outside the axes; a gap (NaN) stands where it was away. */
export function cut(x: readonly number[], y: readonly number[], frame: Frame, beyond = BEYOND): { x: number[]; y: number[] } {
  const box: Box = { x: reach(frame.x, beyond), y: reach(frame.y, beyond) };
  const places = y.map((v, i): Place => ({ x: along(frame.x, x[i]!), y: along(frame.y, v) }));
  const isFar = (p: Place): boolean => p.x < box.x[0] || p.x > box.x[1] || p.y < box.y[0] || p.y > box.y[1];
  if (!places.some(isFar)) return { x: [...x], y: [...y] };
  const kept: Place[] = [];
  for (let i = 1; i < places.length; i++) {
    const [p, q] = [places[i - 1]!, places[i]!];
    const piece = [p.x, p.y, q.x, q.y].every(Number.isFinite) ? inside(p, q, box) : null;
    if (!piece) continue;
    if (kept.at(-1) !== piece[0]) kept.push({ x: Number.NaN, y: Number.NaN }, piece[0]);
    kept.push(piece[1]);
  }
  return { x: kept.map((p) => back(frame.x, p.x)), y: kept.map((p) => back(frame.y, p.y)) };
}

/** Whether any of a curve is to be seen. */
export const crosses = (x: readonly number[], y: readonly number[], frame: Frame): boolean =>
  cut(x, y, frame, 0).y.some(Number.isFinite);

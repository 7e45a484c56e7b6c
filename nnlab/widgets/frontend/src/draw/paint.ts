/** Colours by name (ink, muted, grid, surface, c1 … c6) and mixtures of them; light or dark is the page's business. */

const NAMES = new Set(["ink", "muted", "grid", "surface", "c1", "c2", "c3", "c4", "c5", "c6"]);

export function paint(name: string): string {
  if (!NAMES.has(name)) throw new Error(`"${name}" is no colour: use ${[...NAMES].join(", ")}`);
  return `var(--nnlab-${name})`;
}

/** A colour of strength 0 (the surface) to 1 (full). */
export function tint(name: string, strength: number): string {
  const percent = Math.round(100 * Math.min(1, Math.max(0, strength)));
  return `color-mix(in srgb, ${paint(name)} ${percent}%, var(--nnlab-surface))`;
}

/** A strength from −1 to 1 in whole per cent, as fine as colours are told apart; what is not a number stays so. */
export const percent = (t: number): number => Math.sign(t) * Math.round(100 * Math.min(1, Math.abs(t)));

/** From `low` through the surface to `high` for t in −1 … 1; what is not a number is grey. */
export function diverge(low: string | null, high: string, t: number): string {
  if (Number.isNaN(t)) return tint("muted", 0.35);
  return t < 0 && low ? tint(low, -t) : tint(high, t);
}

export const SERIES = ["c1", "c2", "c3", "c4", "c5", "c6"] as const;
export const series = (i: number): string => SERIES[((i % SERIES.length) + SERIES.length) % SERIES.length]!;

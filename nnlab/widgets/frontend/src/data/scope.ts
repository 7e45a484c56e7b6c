/** Looks names up: `path[0, :t+1]` in a panel, `{loss[t]:.3g}` in a text. The notation is NumPy's. */

import { position, type Channel, type Control, type Spec, type State, type Template } from "../spec";
import { formatNumber } from "./format";

export interface Tensor {
  data: ArrayLike<number | string>;
  shape: readonly number[];
}
export type Results = (name: string) => Tensor | undefined;
/** What was read of a state, in the order of reading. */
export type Reads = ReadonlyMap<string, Tensor>;

interface Bound {
  name: string | null;
  offset: number;
}
type Index = { kind: "at"; at: Bound } | { kind: "slice"; from: Bound | null; to: Bound | null } | { kind: "rest" };
interface Reference {
  name: string;
  indices: Index[];
}

const NAME = /^([\p{L}_][\p{L}\p{N}_]*)(?:\[([^\]]*)\])?$/u;
const BOUND = /^(?:([\p{L}_][\p{L}\p{N}_]*)\s*(?:([+-])\s*(\d+))?|(-?\d+))$/u;
const PLACE = /\{\s*([\p{L}_][\p{L}\p{N}_]*(?:\[[^\]]*\])?)\s*(?::([^{}]*))?\}/gu;
const parsed = new Map<string, Reference>();

function bound(text: string, whole: string): Bound {
  const found = BOUND.exec(text.trim());
  if (!found) throw new Error(`"${whole}": "${text}" is no index; use a number, a control's name, or name+1`);
  if (found[4] !== undefined) return { name: null, offset: Number(found[4]) };
  return { name: found[1]!, offset: found[3] ? Number(found[2] + found[3]) : 0 };
}

function parse(text: string): Reference {
  const known = parsed.get(text);
  if (known) return known;
  const found = NAME.exec(text.trim());
  if (!found) throw new Error(`"${text}" names no result: write a name such as loss or path[0, :t+1]`);
  const indices = (found[2] ?? "").split(",").filter((part) => part.trim() !== "").map((part): Index => {
    const item = part.trim();
    if (item === "...") return { kind: "rest" };
    if (!item.includes(":")) return { kind: "at", at: bound(item, text) };
    const [from = "", to = ""] = item.split(":");
    return { kind: "slice", from: from.trim() ? bound(from, text) : null, to: to.trim() ? bound(to, text) : null };
  });
  const reference = { name: found[1]!, indices };
  parsed.set(text, reference);
  return reference;
}

function areSame(a: Tensor, b: Tensor): boolean {
  if (a === b) return true;
  if (a.shape.length !== b.shape.length || a.shape.some((length, axis) => length !== b.shape[axis])) return false;
  if (a.data === b.data) return true;
  for (let i = 0; i < a.data.length; i++) if (!Object.is(a.data[i], b.data[i])) return false;
  return true;
}

export class Scope {
  private readonly controls: Map<string, Control>;
  private readonly known = new Map<string, Tensor>();
  private reads: Map<string, Tensor> | null = null;

  constructor(
    spec: Spec,
    readonly state: State,
    private readonly results: Results,
    readonly words: Template,
  ) {
    this.controls = new Map(spec.controls.map((control) => [control.name, control]));
  }

  private resolve(at: Bound, whole: string): number {
    if (at.name === null) return at.offset;
    const control = this.controls.get(at.name);
    if (control) return position(control, this.state[at.name]!) + at.offset;
    const value = this.lookup(at.name, whole);
    if (value.shape.length > 0) throw new Error(`"${whole}": ${at.name} is an array and cannot be an index`);
    return Number(value.data[0]) + at.offset;
  }

  private lookup(name: string, whole: string): Tensor {
    if (name in this.state) {
      const value = this.state[name]!;
      return { data: [typeof value === "boolean" ? Number(value) : value], shape: [] };
    }
    const found = this.results(name);
    if (!found) throw new Error(`"${whole}": compute returned nothing called ${name}`);
    return found;
  }

  /** The array a reference stands for; indices select as in NumPy. */
  tensor(text: string): Tensor {
    let found = this.known.get(text);
    if (!found) {
      found = this.select(text);
      this.known.set(text, found);
    }
    this.reads?.set(text, found);
    return found;
  }

  /** What a drawing of this state makes, and all it read for that. */
  watch<T>(make: () => T): { made: T; reads: Reads } {
    const reads = new Map<string, Tensor>();
    this.reads = reads;
    try {
      return { made: make(), reads };
    } finally {
      this.reads = null;
    }
  }

  /**
   * Whether all that was read is the same in this state: then what was made of it is, too. Compared in the order of
   * reading, so that nothing is looked up that would not be read again.
   */
  holds(reads: Reads): boolean {
    for (const [text, before] of reads) if (!areSame(before, this.tensor(text))) return false;
    return true;
  }

  private select(text: string): Tensor {
    const { name, indices } = parse(text);
    let { data, shape } = this.lookup(name, text);
    const rest = indices.findIndex((index) => index.kind === "rest");
    const full: Index[] = rest < 0 ? [...indices] : indices.filter((index) => index.kind !== "rest");
    if (full.length > shape.length) throw new Error(`"${text}": too many indices for an array of shape (${shape})`);
    const fill = Array.from({ length: shape.length - full.length }, (): Index => ({ kind: "slice", from: null, to: null }));
    full.splice(rest < 0 ? full.length : rest, 0, ...fill);
    for (let axis = full.length - 1; axis >= 0; axis--) {
      const index = full[axis]!;
      const length = shape[axis]!;
      if (index.kind === "slice" && !index.from && !index.to) continue;
      const wrap = (i: number): number => (i < 0 ? i + length : i);
      let start: number;
      let stop: number;
      if (index.kind === "at") {
        start = wrap(this.resolve(index.at, text));
        stop = start + 1;
        if (start < 0 || start >= length) throw new Error(`"${text}": index ${start} is outside 0…${length - 1}`);
      } else {
        const limits = index as { from: Bound | null; to: Bound | null };
        start = limits.from ? Math.max(0, wrap(this.resolve(limits.from, text))) : 0;
        stop = limits.to ? Math.min(length, wrap(this.resolve(limits.to, text))) : length;
      }
      const count = Math.max(0, stop - start);
      const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
      const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
      const picked = new Array<number | string>(outer * count * inner);
      for (let o = 0, k = 0; o < outer; o++)
        for (let i = 0; i < count * inner; i++) picked[k++] = data[(o * length + start) * inner + i]!;
      const kept = index.kind === "at" ? [] : [count];
      data = picked;
      shape = [...shape.slice(0, axis), ...kept, ...shape.slice(axis + 1)];
    }
    return { data, shape };
  }

  /** The numbers a channel stands for, flattened. */
  numbers(channel: Channel): number[] {
    if (channel === null) return [];
    if (typeof channel === "number") return [channel];
    if (typeof channel !== "string") return [...channel];
    const { data } = this.tensor(channel);
    const numbers = new Array<number>(data.length);
    for (let i = 0; i < data.length; i++) numbers[i] = Number(data[i]);
    return numbers;
  }

  /** A matrix as its rows; a vector is one row. */
  rows(channel: Channel): number[][] {
    const shape = typeof channel === "string" ? this.tensor(channel).shape : [];
    const flat = this.numbers(channel);
    const width = shape.length > 1 ? shape.at(-1)! : flat.length;
    if (width === 0) return [];
    return Array.from({ length: flat.length / width }, (_, i) => flat.slice(i * width, (i + 1) * width));
  }

  /** The one number a channel stands for. */
  number(channel: Channel, otherwise = Number.NaN): number {
    return channel === null ? otherwise : (this.numbers(channel)[0] ?? otherwise);
  }

  isOn(channel: Channel): boolean {
    return channel === null || this.number(channel) > 0;
  }

  format(value: number, code: string): string {
    return formatNumber(value, code);
  }

  /** Fills a template in; text that comes out of a result may itself hold places. */
  text(template: Template, depth = 0): string {
    return template.replace(PLACE, (whole, reference: string, code: string | undefined) => {
      const { data, shape } = this.tensor(reference);
      if (data.length !== 1) throw new Error(`${whole} in a text is an array of shape (${shape}), not one number`);
      const value = data[0]!;
      const control = this.controls.get(reference);
      if (control && code === undefined) return valueText(control, this.state[reference]!);
      if (typeof value === "string") return depth < 3 ? this.text(value, depth + 1) : value;
      return formatNumber(value, code);
    });
  }
}

/** A control's value as the reader sees it, with its unit. */
export function valueText(control: Control, value: State[string]): string {
  if (control.labels) return control.labels[position(control, value)]!;
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "string") return value;
  return formatNumber(value, control.format) + (control.unit ? ` ${control.unit}` : "");
}

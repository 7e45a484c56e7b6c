/** Reads a pack: every state of an explorer, computed when the book was built. See nnlab/widgets/pack.py. */

import { position, type Spec, type State } from "../spec";
import type { Tensor } from "./scope";

interface Column {
  start: number;
  count: number;
  width: 1 | 2 | 4 | 8;
  delta: boolean;
}
interface NumberArray {
  kind: "number";
  dims: number[];
  shapes: number[][];
  which: Column | null;
  encoding: "integer" | "linear" | "float";
  offset: number;
  step: number;
  column: Column;
}
interface TextArray {
  kind: "text";
  dims: number[];
  shapes: number[][];
  which: Column | null;
  templates: string[][];
  template: Column;
  tables: string[][];
  slots: Column[];
}
type PackedArray = NumberArray | TextArray;
interface Header {
  spec: Spec;
  grid: string[];
  arrays: Record<string, PackedArray>;
  words: PackedArray;
}

/** The last three codes of a linear array stand for what has no place on a line. */
const SPECIAL = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Where each state's elements begin, and their shape, for an array whose shapes differ. */
interface Places {
  which: ArrayLike<number>;
  starts: Float64Array;
}

export class Pack {
  readonly spec: Spec;
  private readonly places = new Map<PackedArray, Places>();
  /** The last reading of each array: most stay the same from one state to the next. */
  private readonly latest = new Map<PackedArray, { from: number; tensor: Tensor }>();
  private readonly header: Header;
  private readonly body: Uint8Array;

  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (new TextDecoder().decode(bytes.subarray(0, 4)) !== "NNX1") throw new Error("not an explorer's pack");
    const length = view.getUint32(4, true);
    this.header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header;
    this.body = bytes.subarray(8 + length);
    this.spec = this.header.spec;
  }

  /** Elements [from, from + count) of a column whose bytes are stored plane by plane. */
  private raw(column: Column, from: number, count: number): Uint8Array {
    const { start, count: total, width } = column;
    const bytes = new Uint8Array(count * width);
    for (let plane = 0; plane < width; plane++) {
      const base = start + plane * total + from;
      for (let i = 0; i < count; i++) bytes[i * width + plane] = this.body[base + i]!;
    }
    return bytes;
  }

  private codes(column: Column, from: number, count: number): Uint8Array | Uint16Array | Uint32Array {
    const bytes = this.raw(column, from, count);
    const codes =
      column.width === 1 ? bytes : column.width === 2 ? new Uint16Array(bytes.buffer) : new Uint32Array(bytes.buffer);
    if (column.delta) for (let i = 1; i < count; i++) codes[i] = codes[i]! + codes[i - 1]!;
    return codes;
  }

  /** Where the state lies among the states this array was kept for, its shape there, and its first element. */
  private locate(array: PackedArray, state: State): { from: number; shape: number[] } {
    let index = 0;
    for (const dim of array.dims) {
      const control = this.spec.controls.find(({ name }) => name === this.header.grid[dim])!;
      index = index * control.values.length + position(control, state[control.name]!);
    }
    if (!array.which) return { from: index * size(array.shapes[0]!), shape: array.shapes[0]! };
    const { which, starts } = this.placesOf(array, array.which);
    return { from: starts[index]!, shape: array.shapes[which[index]!]! };
  }

  private placesOf(array: PackedArray, column: Column): Places {
    let places = this.places.get(array);
    if (!places) {
      const which = this.codes(column, 0, column.count);
      const sizes = array.shapes.map(size);
      const starts = new Float64Array(column.count);
      for (let i = 1; i < column.count; i++) starts[i] = starts[i - 1]! + sizes[which[i - 1]!]!;
      places = { which, starts };
      this.places.set(array, places);
    }
    return places;
  }

  private numbers(array: NumberArray, from: number, count: number): ArrayLike<number> {
    if (array.encoding === "float") {
      const bytes = array.column.delta
        ? new Uint8Array(this.codes(array.column, from, count).buffer)
        : this.raw(array.column, from, count);
      return array.column.width === 8 ? new Float64Array(bytes.buffer) : new Float32Array(bytes.buffer);
    }
    const codes = this.codes(array.column, from, count);
    const top = 2 ** (8 * array.column.width) - SPECIAL.length;
    const { offset, step } = array;
    const last = array.encoding === "linear" ? top : Number.POSITIVE_INFINITY;
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const code = codes[i]!;
      values[i] = code >= last ? SPECIAL[code - last]! : offset + step * code;
    }
    return values;
  }

  private texts(array: TextArray, from: number, count: number): string[] {
    const template = this.codes(array.template, from, count);
    const slots = array.slots.map((slot) => this.codes(slot, from, count));
    return Array.from({ length: count }, (_, i) => {
      const parts = array.templates[template[i]!]!;
      return parts.reduce((text, part, k) => text + array.tables[k - 1]![slots[k - 1]![i]!]! + part);
    });
  }

  private read(array: PackedArray, state: State): Tensor {
    const { from, shape } = this.locate(array, state);
    const latest = this.latest.get(array);
    if (latest?.from === from && latest.tensor.shape === shape) return latest.tensor;
    const data =
      array.kind === "text" ? this.texts(array, from, size(shape)) : this.numbers(array, from, size(shape));
    const tensor = { data, shape };
    this.latest.set(array, { from, tensor });
    return tensor;
  }

  result(name: string, state: State): Tensor | undefined {
    const array = this.header.arrays[name];
    return array && this.read(array, state);
  }

  words(state: State): string {
    return String(this.read(this.header.words, state).data[0]);
  }
}

/** Fetches and unpacks; the file is gzip, opened by the browser itself. */
export async function loadPack(url: URL | string): Promise<Pack> {
  const response = await fetch(url);
  if (!response.ok || !response.body) throw new Error(`${response.status} ${response.statusText}`.trim());
  const plain = response.body.pipeThrough(new DecompressionStream("gzip"));
  return new Pack(new Uint8Array(await new Response(plain).arrayBuffer()));
}

/** The state of a figure in the page's address: `#sigmoid-neuron?w=2&b=-1`. */

import { initialState, type Control, type Spec, type State, type Value } from "../spec";
import { valueText } from "../data/scope";

export interface Asked {
  state: State;
  complaints: string[];
}

function parse(control: Control, text: string): Value | undefined {
  if (control.kind === "toggle") return text === "true" || text === "on" || text === "1" ? true : text === "false" || text === "off" || text === "0" ? false : undefined;
  if (typeof control.values[0] === "string") return control.values.find((value) => value === text);
  const asked = text.trim() === "" ? Number.NaN : Number(text);
  return (control.values as number[]).find((value) => Math.abs(value - asked) <= 1e-6 * Math.max(1e-9, Math.abs(value)));
}

export function namesExplorer(hash: string, name: string): boolean {
  return hash === `#${name}` || hash.startsWith(`#${name}?`);
}

/** What the address asks of this explorer; null when it speaks of something else. */
export function readAddress(hash: string, spec: Spec): Asked | null {
  if (!namesExplorer(hash, spec.name)) return null;
  const state = initialState(spec);
  const complaints: string[] = [];
  for (const [name, text] of new URLSearchParams(hash.slice(spec.name.length + 2))) {
    const control = spec.controls.find((c) => c.name === name);
    if (!control) {
      complaints.push(`The address sets “${name}”, which this figure does not have.`);
      continue;
    }
    const value = parse(control, text);
    if (value !== undefined) state[name] = value;
    else complaints.push(`The address asks for ${control.label} = “${text}”, which this figure does not offer; it shows ${valueText(control, state[name]!)}.`);
  }
  return { state, complaints };
}

export function writeAddress(spec: Spec, state: State): string {
  const parameters = new URLSearchParams();
  for (const { name } of spec.controls) parameters.set(name, String(state[name]));
  return `#${spec.name}?${parameters}`;
}

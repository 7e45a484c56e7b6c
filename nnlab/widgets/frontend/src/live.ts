/** The explorer of a live notebook: an anywidget whose results come from the kernel. */

import { Scope, type Tensor } from "./data/scope";
import { initialState, type Spec, type State, type Value } from "./spec";
import { STYLE } from "./style";
import { View } from "./ui/view";

interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, callback: () => void): void;
  off(event: string, callback: () => void): void;
}
interface SentArray {
  dtype: "float64" | "text";
  shape: number[];
  data: DataView | string[];
}
interface Sent {
  state: State;
  words: string;
  error: string;
  arrays: Record<string, SentArray>;
}

function tensor(sent: SentArray): Tensor {
  if (Array.isArray(sent.data)) return { data: sent.data, shape: sent.shape };
  const { buffer, byteOffset, byteLength } = sent.data;
  return { data: new Float64Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer), shape: sent.shape };
}

/** JupyterLab takes arrow keys for its cells unless the element that has the focus itself says no. */
function keepKeys(frame: HTMLElement): void {
  for (const element of frame.querySelectorAll("input, select, button, summary, [tabindex]"))
    element.setAttribute("data-lm-suppress-shortcuts", "true");
}

export function render({ model, el }: { model: Model; el: HTMLElement }): () => void {
  const spec = model.get("_spec") as Spec;
  const names = spec.controls.map(({ name }) => name);
  const stateOfModel = (): State => Object.fromEntries(names.map((name) => [name, model.get(name) as Value]));
  let isAsking = false;
  let isBehind = false;

  const ask = (): void => {
    if (isAsking) {
      isBehind = true;
      return;
    }
    for (const name of names) model.set(name, view.state[name]);
    isAsking = JSON.stringify((model.get("_result") as Sent).state) !== JSON.stringify(view.state);
    isBehind = false;
    model.save_changes();
  };
  const scope = (state: State): Scope | null => {
    const sent = model.get("_result") as Sent;
    if (sent.error) return null;
    const cache = new Map<string, Tensor | undefined>();
    const lookup = (name: string): Tensor | undefined => {
      if (!cache.has(name)) cache.set(name, sent.arrays[name] && tensor(sent.arrays[name]));
      return cache.get(name);
    };
    return new Scope(spec, { ...state, ...sent.state }, lookup, sent.words);
  };

  const view = new View({ document }, spec, { scope, changed: ask });
  view.state = { ...initialState(spec), ...stateOfModel() };
  view.showControls();
  const style = document.createElement("style");
  style.textContent = STYLE;
  el.classList.add("nnlab-explorer");
  el.dataset.ready = "";
  keepKeys(view.frame);
  el.replaceChildren(style, view.frame);

  const onResult = (): void => {
    isAsking = false;
    const { error } = model.get("_result") as Sent;
    if (error) view.complain(error);
    else view.schedule();
    if (isBehind) ask();
  };
  const onTrait = (): void => {
    if (isAsking) return;
    view.state = { ...view.state, ...stateOfModel() };
    view.showControls();
  };
  model.on("change:_result", onResult);
  for (const name of names) model.on(`change:${name}`, onTrait);
  const resize = new ResizeObserver(([entry]) => entry && view.fit(entry.contentRect.width));
  resize.observe(el);
  view.begin();
  return () => {
    resize.disconnect();
    model.off("change:_result", onResult);
    for (const name of names) model.off(`change:${name}`, onTrait);
  };
}

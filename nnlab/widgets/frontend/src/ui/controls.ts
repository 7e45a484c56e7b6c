/** One native, labelled form element for each declared control. */

import { valueText } from "../data/scope";
import { position, type Control, type Value } from "../spec";
import { html } from "./dom";
import { Player } from "./play";

export interface Field {
  element: HTMLElement;
  show(value: Value): void;
  hold(isHeld: boolean): void;
}

type OnInput = (value: Value) => void;

function sliderAttributes({ kind, values }: Control): { min: number; max: number; step: number | "any" } {
  if (kind === "log") return { min: 0, max: values.length - 1, step: 1 };
  const [first, second] = values as number[];
  return { min: first!, max: values.at(-1) as number, step: values.length > 1 ? Number((second! - first!).toPrecision(10)) : "any" };
}

function range(document: Document, control: Control, onInput: OnInput): Field & { input: HTMLInputElement } {
  const input = html(document, "input", { type: "range", ...sliderAttributes(control), "aria-label": control.label });
  const value = html(document, "span", { class: "nnlab-value", "aria-hidden": true });
  const place = (v: Value): number => (control.kind === "log" ? position(control, v) : Number(v));
  input.addEventListener("input", () => {
    const at = Number(input.value);
    onInput(control.values[control.kind === "log" ? at : position(control, at)]!);
  });
  const element = html(
    document, "label", { class: `nnlab-control nnlab-${control.kind}` },
    html(document, "span", { class: "nnlab-name" }, control.label), value, input,
  );
  return {
    element,
    input,
    show(v) {
      const words = valueText(control, v);
      if (Number(input.value) !== place(v) || !input.hasAttribute("value")) {
        input.setAttribute("value", String(place(v)));
        input.value = String(place(v));
      }
      input.setAttribute("aria-valuetext", words);
      value.textContent = words;
    },
    hold(isHeld) {
      input.disabled = isHeld;
    },
  };
}

function choice(document: Document, control: Control, onInput: OnInput): Field {
  const options = control.values.map((value, i) => html(document, "option", { value: i }, valueText(control, value)));
  const select = html(document, "select", { "aria-label": control.label }, ...options);
  select.addEventListener("change", () => onInput(control.values[Number(select.value)]!));
  const element = html(
    document, "label", { class: "nnlab-control nnlab-choice" }, html(document, "span", { class: "nnlab-name" }, control.label), select,
  );
  return {
    element,
    show(v) {
      const chosen = position(control, v);
      options.forEach((option, i) => {
        option.toggleAttribute("selected", i === chosen);
        option.selected = i === chosen;
      });
    },
    hold(isHeld) {
      select.disabled = isHeld;
    },
  };
}

function toggle(document: Document, control: Control, onInput: OnInput): Field {
  const input = html(document, "input", { type: "checkbox" });
  input.addEventListener("change", () => onInput(input.checked));
  const element = html(
    document, "label", { class: "nnlab-control nnlab-toggle" }, input, html(document, "span", { class: "nnlab-name" }, control.label),
  );
  return {
    element,
    show(v) {
      input.toggleAttribute("checked", Boolean(v));
      input.checked = Boolean(v);
    },
    hold(isHeld) {
      input.disabled = isHeld;
    },
  };
}

function play(document: Document, control: Control, onInput: OnInput, onPlaying: (isPlaying: boolean) => void): Field {
  const slider = range(document, control, (value) => {
    player.stop();
    onInput(value);
  });
  const player = new Player(document, control, onInput, onPlaying);
  const element = html(document, "div", { class: "nnlab-play" }, player.button, slider.element);
  return {
    element,
    show(value) {
      player.at = position(control, value);
      slider.show(value);
    },
    hold(isHeld) {
      player.button.disabled = isHeld;
      slider.hold(isHeld);
    },
  };
}

export function makeField(document: Document, control: Control, onInput: OnInput, onPlaying: (isPlaying: boolean) => void): Field {
  switch (control.kind) {
    case "choice":
      return choice(document, control, onInput);
    case "toggle":
      return toggle(document, control, onInput);
    case "play":
      return play(document, control, onInput, onPlaying);
    default:
      return range(document, control, onInput);
  }
}

/** One explorer on the page: its controls, figure and words. Where the numbers come from is the host's business. */

import { Figure, type Layout } from "../draw/figure";
import type { Pen } from "../draw/svg";
import type { Scope } from "../data/scope";
import { initialState, type Spec, type State, type Value } from "../spec";
import { makeField, type Field } from "./controls";
import { html } from "./dom";
import { followDrag } from "./drag";
import { Goals } from "./goals";
import { Prompt } from "./prediction";

export interface Host {
  /** The results for a state, or null while they are under way (the host calls `redraw` when they come). */
  scope(state: State): Scope | null;
  /** Told of each change the reader makes. */
  changed?(state: State, name: string | null): void;
  /** The address that shows this state, where there is one. */
  link?(state: State): string;
}

export const NARROW_BELOW = 560;
let views = 0;

export class View {
  readonly frame: HTMLElement;
  readonly canvas: HTMLElement;
  state: State;
  layout: Layout = "wide";
  private readonly output: HTMLOutputElement;
  private readonly fields = new Map<string, Field>();
  private readonly goals: Goals;
  private readonly prompt: Prompt | null;
  private readonly figures: Record<Layout, Figure>;
  private notice = "";
  private isScheduled = false;

  constructor(
    private readonly pen: Pen,
    readonly spec: Spec,
    private readonly host: Host,
  ) {
    const { document } = pen;
    const id = `nnlab-${spec.name}-${++views}`;
    this.figures = { wide: new Figure(spec, "wide", pen, id), narrow: new Figure(spec, "narrow", pen, id) };
    this.state = initialState(spec);
    for (const control of spec.controls) {
      const field = makeField(document, control, (value) => this.set(control.name, value), (isPlaying) => this.quiet(isPlaying));
      this.fields.set(control.name, field);
    }
    this.goals = new Goals(document, spec);
    this.prompt = spec.prediction
      ? new Prompt(document, spec, spec.prediction, {
          hold: (names, isHeld) => names.forEach((name) => this.fields.get(name)?.hold(isHeld)),
          move: (state) => this.move({ ...this.state, ...state }),
          scopeAt: (state) => host.scope({ ...initialState(spec), ...state }),
        })
      : null;
    this.canvas = html(document, "div", { class: "nnlab-canvas" });
    this.output = html(document, "output", { "aria-live": "polite" });
    this.frame = html(
      document, "div", { class: "nnlab-frame", role: "group", "aria-label": `Explorer: ${spec.title}` },
      html(document, "div", { class: "nnlab-head" }, html(document, "p", { class: "nnlab-title" }, spec.title), this.actions()),
      ...(this.prompt ? [this.prompt.element] : []),
      html(document, "div", { class: "nnlab-controls" }, ...[...this.fields.values()].map(({ element }) => element)),
      this.canvas,
      this.output,
      ...(spec.goals.length ? [this.goals.element] : []),
      this.source(),
    );
    this.showControls();
    followDrag(this.canvas, spec, (name, value) => this.set(name, value));
  }

  private actions(): HTMLElement {
    const { document } = this.pen;
    const status = html(document, "span", { class: "nnlab-status", role: "status" });
    const reset = html(document, "button", { type: "button", class: "nnlab-button" }, "Reset");
    reset.addEventListener("click", () => this.move(initialState(this.spec)));
    const buttons: HTMLElement[] = [status, reset];
    if (this.host.link) {
      const copy = html(document, "button", { type: "button", class: "nnlab-button" }, "Copy link");
      copy.addEventListener("click", async () => {
        this.host.changed?.(this.state, null);
        try {
          await navigator.clipboard.writeText(this.host.link!(this.state));
          status.textContent = "Link copied";
        } catch {
          status.textContent = "The link is in the address bar";
        }
        setTimeout(() => (status.textContent = ""), 4000);
      });
      buttons.push(copy);
    }
    return html(document, "div", { class: "nnlab-actions" }, ...buttons);
  }

  private source(): HTMLElement {
    const { document } = this.pen;
    const code = html(document, "div", { class: "nnlab-source highlight" });
    code.innerHTML = this.spec.source;
    return html(document, "details", { class: "nnlab-details" }, html(document, "summary", {}, "How this was computed"), code);
  }

  private quiet(isPlaying: boolean): void {
    this.output.setAttribute("aria-live", isPlaying ? "off" : "polite");
  }

  showControls(): void {
    for (const control of this.spec.controls) this.fields.get(control.name)!.show(this.state[control.name]!);
  }

  set(name: string, value: Value): void {
    if (this.state[name] === value) return;
    this.state = { ...this.state, [name]: value };
    this.notice = "";
    this.fields.get(name)!.show(value);
    this.host.changed?.(this.state, name);
    this.schedule();
  }

  move(state: State, notice = ""): void {
    this.state = { ...state };
    this.notice = notice;
    this.showControls();
    this.host.changed?.(this.state, null);
    this.schedule();
  }

  /** Several changes before the next frame of the screen cost one drawing. */
  schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    requestAnimationFrame(() => {
      this.isScheduled = false;
      this.redraw();
    });
  }

  redraw(): void {
    const scope = this.host.scope(this.state);
    if (!scope) return;
    const figure = this.figure(scope, this.layout);
    if (this.canvas.firstChild !== figure) this.canvas.replaceChildren(figure);
    this.say(scope);
  }

  /** The figure of this layout, brought to this state: the same element each time. */
  figure(scope: Scope, layout: Layout): SVGElement {
    return this.figures[layout].update(scope);
  }

  say(scope: Scope): void {
    const news = this.goals.check(scope);
    this.output.textContent = [this.notice, scope.text(scope.words), news].filter(Boolean).join(" ");
  }

  /** To be called once the first results are there. */
  begin(notice = ""): void {
    this.notice = notice;
    this.redraw();
    this.prompt?.begin();
  }

  fit(width: number): void {
    const layout = width < NARROW_BELOW ? "narrow" : "wide";
    if (layout === this.layout) return;
    this.layout = layout;
    if (this.canvas.hasChildNodes()) this.redraw();
  }

  complain(words: string): void {
    this.output.textContent = words;
  }
}

/** The Play button: runs through the frames, or takes one step a press where the reader asked for less motion. */

import type { Control, Value } from "../spec";
import { html } from "./dom";

const prefersStillness = (document: Document): boolean =>
  document.defaultView?.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;

export class Player {
  readonly button: HTMLButtonElement;
  at = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly document: Document,
    private readonly control: Control,
    private readonly onFrame: (value: Value) => void,
    private readonly onPlaying: (isPlaying: boolean) => void,
  ) {
    this.button = html(document, "button", { type: "button", class: "nnlab-button nnlab-run" });
    this.button.addEventListener("click", () => (this.timer === null ? this.start() : this.stop()));
    this.name();
  }

  private name(): void {
    const verb = this.timer !== null ? "Pause" : prefersStillness(this.document) ? "Next" : "Play";
    this.button.textContent = { Pause: "❚❚ Pause", Next: "Next ›", Play: "▶ Play" }[verb];
    this.button.setAttribute("aria-label", `${verb}: ${this.control.label}`);
  }

  private get last(): number {
    return this.control.values.length - 1;
  }

  private step(to: number): void {
    this.at = to;
    this.onFrame(this.control.values[to]!);
  }

  private start(): void {
    const from = this.at >= this.last ? 0 : this.at + 1;
    if (prefersStillness(this.document)) return this.step(from);
    this.onPlaying(true);
    this.step(from);
    this.schedule();
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      if (this.at >= this.last || !this.button.isConnected) return this.stop();
      this.step(this.at + 1);
      this.schedule();
    }, this.control.interval);
    this.name();
  }

  stop(): void {
    if (this.timer === null) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.name();
    this.onPlaying(false);
  }
}

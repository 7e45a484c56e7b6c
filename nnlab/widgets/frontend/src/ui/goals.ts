/** Tasks an explorer sets: ticked once a state meets them, and remembered. */

import type { Goal, Spec } from "../spec";
import type { Scope } from "../data/scope";
import { html } from "./dom";
import { recall, remember } from "./memory";

export class Goals {
  readonly element: HTMLElement;
  private readonly items: { goal: Goal; line: HTMLElement; key: string }[];

  constructor(document: Document, spec: Spec) {
    this.items = spec.goals.map((goal, i) => {
      const key = `${spec.name}:goal:${i}`;
      return { goal, key, line: html(document, "li", {}) };
    });
    this.element = html(document, "ul", { class: "nnlab-goals", "aria-label": "Goals" }, ...this.items.map(({ line }) => line));
  }

  /** Returns what to announce: a goal met by this very state for the first time. */
  check(scope: Scope): string {
    const news: string[] = [];
    for (const { goal, line, key } of this.items) {
      const isMet = scope.number(goal.met) > 0;
      const wasMet = recall(key) === "met";
      const words = scope.text(goal.text);
      if (isMet && !wasMet) {
        remember(key, "met");
        line.classList.add("nnlab-fresh");
        news.push(`Goal reached: ${words}`);
      }
      const state = isMet ? "met" : wasMet || line.dataset.state === "met" || line.dataset.state === "before" ? "before" : "open";
      if (line.dataset.state !== state) line.dataset.state = state;
      const mark = state === "open" ? "Goal" : "✓ Goal";
      const tail = state === "before" ? " (reached before)" : state === "met" ? " Reached." : "";
      const text = `${mark}: ${words}${tail}`;
      if (line.textContent !== text) line.textContent = text;
    }
    return news.join(" ");
  }
}

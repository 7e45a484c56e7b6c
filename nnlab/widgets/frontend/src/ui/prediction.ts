/** Predict first: takes the reader's guess, then lets the controls go and shows guess and result side by side. */

import type { Prediction, Spec, State } from "../spec";
import type { Scope } from "../data/scope";
import { formatNumber } from "../data/format";
import { html } from "./dom";
import { recall, remember } from "./memory";

interface Host {
  hold(names: readonly string[], isHeld: boolean): void;
  move(state: State): void;
  scopeAt(state: State): Scope | null;
}

export class Prompt {
  readonly element: HTMLElement;
  private readonly key: string;
  private readonly verdict: HTMLElement;
  private readonly form: HTMLFormElement;
  private readonly again: HTMLButtonElement;

  constructor(
    private readonly document: Document,
    spec: Spec,
    private readonly prediction: Prediction,
    private readonly host: Host,
  ) {
    this.key = `${spec.name}:guess`;
    this.form = html(document, "form", { class: "nnlab-guess" }, this.fields(), this.buttons());
    this.verdict = html(document, "p", { class: "nnlab-verdict", role: "status" });
    this.again = html(document, "button", { type: "button", class: "nnlab-button", hidden: true }, "Guess again");
    this.element = html(document, "div", { class: "nnlab-prediction" }, this.form, this.verdict, this.again);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const guess = new FormData(this.form).get("guess");
      if (typeof guess === "string" && guess !== "") this.settle(guess, true);
      else this.verdict.textContent = "Choose an answer first, or skip.";
    });
    this.again.addEventListener("click", () => {
      remember(this.key, null);
      this.open();
      this.form.querySelector<HTMLElement>("input")?.focus();
    });
  }

  /** Holds the controls until there is a guess, unless this reader guessed or skipped before. */
  begin(): void {
    const before = recall(this.key);
    if (before === null) this.open();
    else this.settle(before, false);
  }

  private fields(): HTMLElement {
    const { question, choices, number } = this.prediction;
    const legend = html(this.document, "legend", {}, html(this.document, "strong", {}, "Predict first. "), question);
    const answers = choices
      ? choices.map((choice, i) =>
          html(this.document, "label", {}, html(this.document, "input", { type: "radio", name: "guess", value: i }), ` ${choice}`),
        )
      : [
          html(
            this.document, "label", {}, "Your guess ",
            html(this.document, "input", { type: "number", name: "guess", min: number!.low, max: number!.high, step: number!.step, required: true }),
            ` ${number!.unit}`,
          ),
        ];
    return html(this.document, "fieldset", {}, legend, ...answers);
  }

  private buttons(): HTMLElement {
    const skip = html(this.document, "button", { type: "button", class: "nnlab-button" }, "Skip");
    skip.addEventListener("click", () => this.settle("", true));
    const go = html(this.document, "button", { type: "submit", class: "nnlab-button nnlab-primary" }, "Record my guess and show");
    return html(this.document, "p", {}, go, skip);
  }

  private open(): void {
    this.form.hidden = false;
    this.again.hidden = true;
    this.verdict.textContent = "";
    this.host.hold(this.prediction.holds, true);
  }

  private settle(guess: string, isNew: boolean): void {
    this.host.hold(this.prediction.holds, false);
    this.form.hidden = true;
    this.again.hidden = false;
    if (isNew) {
      remember(this.key, guess);
      // the button that had the focus is gone with its form
      this.again.focus({ preventScroll: true });
    }
    if (isNew && guess !== "") this.host.move(this.prediction.reveal);
    const scope = this.host.scopeAt(this.prediction.reveal);
    if (guess === "") this.verdict.textContent = "You skipped the prediction.";
    else if (scope) this.verdict.textContent = this.compare(guess, scope);
  }

  private compare(guess: string, scope: Scope): string {
    const { choices, number, answer, outcome, question } = this.prediction;
    const right = scope.number(answer);
    const [yours, computed] = choices
      ? [choices[Number(guess)] ?? guess, choices[right] ?? String(right)]
      : [`${formatNumber(Number(guess))} ${number!.unit}`.trim(), `${formatNumber(right, ".3g")} ${number!.unit}`.trim()];
    const close = choices ? Number(guess) === right : Math.abs(Number(guess) - right) <= 0.1 * Math.abs(right) + number!.step / 2;
    const verdict = close ? "Your guess holds." : "Not what happens.";
    return `${question} You guessed: ${yours}. Computed: ${computed}. ${verdict} ${scope.text(outcome)}`;
  }
}

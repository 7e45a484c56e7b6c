/** <nnlab-explorer>: the explorer of a built page. It wakes when it comes near the screen. */

import { loadPack, type Pack } from "./data/pack";
import { Scope } from "./data/scope";
import { initialState, type State } from "./spec";
import { STYLE } from "./style";
import { namesExplorer, readAddress, writeAddress } from "./ui/address";
import { View } from "./ui/view";

const MARGIN = "900px";
const SETTLED = 250;

let sheet: CSSStyleSheet | null = null;

/**
 * Each still brings its style, for readers without this script. With it they share one sheet: a page of forty would
 * match every element it draws against forty copies of each rule.
 */
function shareStyle(explorer: HTMLElement): void {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    document.adoptedStyleSheets.push(sheet);
  }
  explorer.querySelector(":scope > style")?.remove();
}

export class ExplorerElement extends HTMLElement {
  private view: View | null = null;
  private isLoading = false;
  private writer: ReturnType<typeof setTimeout> | undefined;
  private readonly near = new IntersectionObserver((entries) => {
    const isNear = entries.at(-1)!.isIntersecting;
    // what moves by itself would keep the whole page busy from far away
    this.toggleAttribute("data-away", !isNear);
    if (isNear) void this.wake();
  }, { rootMargin: MARGIN });
  private readonly resize = new ResizeObserver(([entry]) => entry && this.view?.fit(entry.contentRect.width));
  private readonly onHash = (): void => this.followAddress();

  connectedCallback(): void {
    shareStyle(this);
    this.near.observe(this);
    this.resize.observe(this);
    window.addEventListener("hashchange", this.onHash);
    if (this.isAddressed()) void this.wake();
  }

  disconnectedCallback(): void {
    this.near.disconnect();
    this.resize.disconnect();
    window.removeEventListener("hashchange", this.onHash);
  }

  /** The address means the first explorer of its name. */
  private isAddressed(): boolean {
    const name = this.dataset.name ?? "";
    return namesExplorer(location.hash, name) && document.querySelector(`nnlab-explorer[data-name="${name}"]`) === this;
  }

  private async wake(): Promise<void> {
    if (this.view || this.isLoading) return;
    this.isLoading = true;
    try {
      this.start(await loadPack(new URL(this.dataset.src ?? "", import.meta.url)));
    } catch (error) {
      const output = this.querySelector("output");
      const reason = location.protocol === "file:" ? "open the book through a web server" : String((error as Error).message ?? error);
      if (output) output.textContent = `This figure could not load its data (${reason}). It stays as it is; reload the page to try again.`;
      console.error(`nnlab-explorer ${this.dataset.name}:`, error);
    } finally {
      this.isLoading = false;
    }
  }

  private start(pack: Pack): void {
    const scope = (state: State): Scope =>
      new Scope(pack.spec, state, (name) => pack.result(name, state), pack.words(state));
    const view = new View({ document }, pack.spec, {
      scope,
      changed: (state) => this.publish(state),
      link: (state) => new URL(writeAddress(pack.spec, state), location.href).href,
    });
    view.fit(this.getBoundingClientRect().width);
    const asked = this.isAddressed() ? readAddress(location.hash, pack.spec) : null;
    this.view = view;
    view.state = asked?.state ?? initialState(pack.spec);
    view.showControls();
    this.querySelector(".nnlab-frame")?.remove();
    this.append(view.frame);
    this.dataset.ready = "";
    view.begin(asked?.complaints.join(" "));
    if (asked) this.scrollIntoView({ block: "start" });
  }

  /** Browsers limit how often an address may change, so it changes when the reader's hand rests. */
  private publish(state: State): void {
    clearTimeout(this.writer);
    this.writer = setTimeout(() => history.replaceState(history.state, "", writeAddress(this.view!.spec, state)), SETTLED);
  }

  private followAddress(): void {
    if (!this.isAddressed()) return;
    if (!this.view) return void this.wake();
    const asked = readAddress(location.hash, this.view.spec);
    if (!asked) return;
    this.view.move(asked.state, asked.complaints.join(" "));
    this.scrollIntoView({ block: "start" });
  }
}

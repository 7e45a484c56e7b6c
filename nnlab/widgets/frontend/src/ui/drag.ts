/** Lets a pointer drag straight in a plot that names a control for its x axis; keys move the slider instead. */

import { position, type Spec, type Value } from "../spec";

export function followDrag(canvas: HTMLElement, spec: Spec, onMove: (name: string, value: Value) => void): void {
  let panel: SVGGraphicsElement | null = null;
  let pointer = -1;

  const follow = (event: PointerEvent): void => {
    const name = panel?.getAttribute("data-drag");
    const control = spec.controls.find((c) => c.name === name);
    const figure = canvas.querySelector<SVGSVGElement>(".nnlab-figure");
    if (!panel || !control || !figure) return;
    const box = figure.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * figure.viewBox.baseVal.width;
    const [d0, d1] = panel.getAttribute("data-domain")!.split(" ").map(Number) as [number, number];
    const [r0, r1] = panel.getAttribute("data-range")!.split(" ").map(Number) as [number, number];
    const t = (x - r0) / (r1 - r0);
    const value = panel.getAttribute("data-scale") === "log" ? d0 * (d1 / d0) ** t : d0 + t * (d1 - d0);
    onMove(control.name, control.values[position(control, value)]!);
  };

  canvas.addEventListener("pointerdown", (event) => {
    panel = (event.target as Element).closest<SVGGraphicsElement>("[data-drag]");
    if (!panel) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    event.preventDefault();
    follow(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId === pointer) follow(event);
  });
  for (const end of ["pointerup", "pointercancel"] as const)
    canvas.addEventListener(end, (event) => {
      if (event.pointerId === pointer) pointer = -1;
    });
}

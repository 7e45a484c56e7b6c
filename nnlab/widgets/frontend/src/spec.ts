/** What Python declares of an explorer, as it arrives here: the controls, the panels, the prompts. */

export type Value = number | string | boolean;
export type State = Record<string, Value>;

/** A number, a list of numbers, or the name of a result such as `loss`, `path[0, :t+1]` or `W[layer]`. */
export type Channel = string | number | readonly number[] | null;

/** Text whose `{name[index]:format}` parts are filled in from the results and the controls. */
export type Template = string;

export interface Control {
  kind: "slider" | "log" | "choice" | "toggle" | "play";
  name: string;
  label: string;
  values: readonly Value[];
  labels: readonly string[] | null;
  initial: number;
  unit: string;
  format: string;
  interval: number;
}

export interface Axis {
  label: Template;
  domain: readonly Channel[] | null;
  log: boolean;
  ticks: number | readonly number[] | null;
  tick_labels: readonly string[] | null;
  grid: boolean;
  hidden: boolean;
}

interface Styled {
  color: string;
  label: Template | null;
  when: Channel;
}

export interface LineMark extends Styled {
  kind: "line";
  x: Channel;
  y: Channel;
  labels: readonly Template[] | null;
  label_at: number;
  label_dy: number;
  width: number;
  dash: boolean;
  opacity: number;
  curve: "linear" | "step" | "smooth";
}

export interface AreaMark extends Styled {
  kind: "area";
  x: Channel;
  low: Channel;
  high: Channel;
  opacity: number;
}

export interface PointsMark extends Styled {
  kind: "points";
  x: Channel;
  y: Channel;
  group: Channel;
  size: number;
  hollow: boolean;
  opacity: number;
  label_dx: number;
  label_dy: number;
}

export interface RuleMark extends Styled {
  kind: "rule";
  x: Channel;
  y: Channel;
  dash: boolean;
  label_dx: number;
  label_dy: number;
}

export interface ArrowMark extends Styled {
  kind: "arrow";
  x1: Channel;
  y1: Channel;
  x2: Channel;
  y2: Channel;
  width: number;
}

export interface LabelMark {
  kind: "label";
  x: Channel;
  y: Channel;
  text: Template;
  color: string;
  anchor: "start" | "middle" | "end";
  dx: number;
  dy: number;
  when: Channel;
}

export interface ContourMark {
  kind: "contour";
  x: Channel;
  y: Channel;
  z: Channel;
  levels: readonly number[] | number;
  color: string;
  when: Channel;
}

export interface HeatMark {
  kind: "heat";
  x: Channel;
  y: Channel;
  z: Channel;
  domain: readonly Channel[] | null;
  low_color: string | null;
  high_color: string;
  smooth: boolean;
  text: string | null;
  when: Channel;
}

export interface RidgesMark {
  kind: "ridges";
  x: Channel;
  heights: Channel;
  labels: readonly Template[] | null;
  overlap: number;
  color: string;
  when: Channel;
}

export type Mark =
  | LineMark
  | AreaMark
  | PointsMark
  | RuleMark
  | ArrowMark
  | LabelMark
  | ContourMark
  | HeatMark
  | RidgesMark;

interface PanelBase {
  title: Template | null;
  height: number;
  narrow_height: number | null;
  weight: number;
}

export interface PlotPanel extends PanelBase {
  kind: "plot";
  marks: readonly Mark[];
  x: Axis;
  y: Axis;
  equal: boolean;
  margin_right: number;
  drag_x: string | null;
}

export interface BarsPanel extends PanelBase {
  kind: "bars";
  values: Channel;
  labels: readonly Template[] | string;
  format: string;
  axis: Axis;
  colors: readonly string[];
  shown: Channel;
}

export interface TablePanel extends PanelBase {
  kind: "table";
  columns: readonly Template[];
  rows: readonly (readonly Template[])[];
  highlight: Channel;
}

export interface GraphNode {
  name: string;
  at: readonly [number, number];
  text: Template;
  shape: "circle" | "none";
  state: Channel;
}

export interface GraphEdge {
  source: string;
  target: string;
  above: Template;
  above_state: Channel;
  below: Template;
  below_state: Channel;
  note: Template;
  note_state: Channel;
  flow: Channel;
  label_at: number;
  narrow_label_at: number | null;
}

export interface GraphPanel extends PanelBase {
  kind: "graph";
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
}

export interface NetworkPanel extends PanelBase {
  kind: "network";
  units: readonly Channel[];
  weights: readonly Channel[];
  labels: readonly Template[];
  unit_domain: Channel;
  weight_domain: Channel;
  format: string | null;
  emphasis: Channel;
  units_shown: Channel;
  weights_shown: Channel;
  input_names: readonly string[];
  output_names: readonly string[];
}

export type Panel = PlotPanel | BarsPanel | TablePanel | GraphPanel | NetworkPanel;

export interface Goal {
  text: Template;
  met: string;
}

export interface Prediction {
  question: Template;
  choices: readonly string[] | null;
  number: { low: number; high: number; step: number; unit: string } | null;
  answer: string;
  reveal: State;
  outcome: Template;
  holds: readonly string[];
}

export interface Spec {
  name: string;
  title: string;
  controls: readonly Control[];
  rows: readonly (readonly Panel[])[];
  goals: readonly Goal[];
  prediction: Prediction | null;
  source: string;
}

export function initialState(spec: Spec): State {
  return Object.fromEntries(spec.controls.map((c) => [c.name, c.values[c.initial]!]));
}

/** Index of the grid value nearest to `value`: what a panel means by a control's name inside brackets. */
export function position(control: Control, value: Value): number {
  const exact = control.values.indexOf(value);
  if (exact >= 0 || typeof value !== "number") return Math.max(exact, 0);
  const scale = (v: number): number => (control.kind === "log" ? Math.log(Math.max(v, 1e-300)) : v);
  const distances = (control.values as number[]).map((candidate) => Math.abs(scale(candidate) - scale(value)));
  return distances.indexOf(Math.min(...distances));
}

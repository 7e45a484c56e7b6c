/** The style sheet, with the palette's colours as CSS variables that a page may override. */

import palette from "../../../palette.json";
import sheet from "./style.css";

type Colors = Record<string, string>;
const variables = (colors: Colors): string =>
  Object.entries(colors).map(([name, value]) => `--nnlab-${name}:${value}`).join(";");

/** `:where` weighs nothing, so that the site's own rules win. */
export const STYLE = [
  `:where(:root){${variables(palette.light)}}`,
  `@media (prefers-color-scheme:dark){:where(:root:not([data-theme],[data-jp-theme-light])){${variables(palette.dark)}}}`,
  `:where([data-theme=dark],[data-jp-theme-light=false]){${variables(palette.dark)}}`,
  `:where([data-jp-theme-light=true]){${variables(palette.light)}}`,
  sheet.replace(/\s+/g, " ").replace(/ ?([{};:,]) ?/g, "$1"),
].join("");

export const lightColors: Colors = palette.light;

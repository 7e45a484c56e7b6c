/** Numbers as words: Python's format codes, with the signs of mathematics (− × ∞ and raised exponents). */

const RAISED: Record<string, string> = {
  "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
};
const CODE = /^([+]?)(,?)(?:\.(\d+))?([defg%]?)$/;

function tidy(mantissa: string, exponent: number): string {
  const digits = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return powerOfTen(digits, exponent);
}

function powerOfTen(digits: string, exponent: number): string {
  const raised = [...String(exponent)].map((c) => RAISED[c]).join("");
  return digits === "1" ? `10${raised}` : `${digits}×10${raised}`;
}

/** Like Python's `g`: `precision` significant digits, a power of ten below 10⁻⁴ or from 10^precision on. */
function general(x: number, precision: number): string {
  if (x === 0) return "0";
  const [mantissa = "", power = "0"] = x.toExponential(Math.max(precision, 1) - 1).split("e");
  const exponent = Number(power);
  if (exponent < -4 || exponent >= Math.max(precision, 1)) return tidy(mantissa, exponent);
  const fixed = x.toFixed(Math.max(0, precision - 1 - exponent));
  return fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
}

function magnitude(x: number, precision: number | undefined, kind: string): string {
  if (kind === "f") return x.toFixed(precision ?? 6);
  if (kind === "d") return Math.round(x).toString();
  if (kind === "%") return `${(100 * x).toFixed(precision ?? 6)}%`;
  if (kind === "e") {
    const [mantissa = "", power = "0"] = x.toExponential(precision ?? 6).split("e");
    return powerOfTen(mantissa, Number(power));
  }
  return general(x, precision ?? 4);
}

/** `x` in words: `formatNumber(-0.5, ".2f")` is "−0.50". Understands `+`, `,`, a precision, and d, e, f, g, %. */
export function formatNumber(x: number, code = ""): string {
  const parsed = CODE.exec(code);
  if (!parsed) throw new Error(`format "${code}" is not understood: use for example .3g, +.2f, .1e, ,d or .0%`);
  const [, plus, comma, precision, kind] = parsed;
  if (Number.isNaN(x)) return "not a number";
  let text = Number.isFinite(x)
    ? magnitude(Math.abs(x), precision === undefined ? undefined : Number(precision), kind ?? "")
    : "∞";
  if (comma) text = text.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
  const isZero = !/[1-9∞]/.test(text);
  const sign = x < 0 && !isZero ? "−" : plus && !isZero ? "+" : "";
  return sign + text;
}

/** A tick of a logarithmic axis: 10⁻⁴, 10⁻², but 0.1, 1 and 10 as they are. */
export function formatDecade(x: number): string {
  const exponent = Math.round(Math.log10(x));
  const isPower = Math.abs(x / 10 ** exponent - 1) < 1e-9;
  return isPower && Math.abs(exponent) > 1 ? powerOfTen("1", exponent) : general(x, 5);
}

import type { Comparison, ComparisonKind } from '../../std/units/units.ts';
import { bytes, grouped, seconds } from '../../std/units/shown.ts';

/** How a report shows a value, and how it does where rounding would hide which side of the limit the value is on. */
const formats: Readonly<Record<ComparisonKind, readonly [usual: Format, exact: Format]>> = {
  count: [(value) => (Number.isInteger(value) ? grouped(value) : String(value)), String],
  duration: [seconds, (ms) => `${Math.round(ms) / 1000} s`],
  latency: [latency, (ms) => `${ms} ms`],
  percent: [percent, (value) => `${value}%`],
  size: [bytes, (value) => `${value} bytes`],
  rate: [(value) => `${rounded(value, 1)}/s`, (value) => `${value}/s`],
};
type Format = (value: number) => string;

/** A measured value in the unit of its demand. */
export function shownBeside(demanded: Comparison, measured: number): string {
  const [usual, exact] = formats[demanded.kind];
  const limits = [demanded.value, ...('upTo' in demanded ? [demanded.upTo] : [])];
  const isClose = limits.some((limit) => limit !== measured && usual(limit) === usual(measured));
  return isClose ? exact(measured) : usual(measured);
}

/** Measured in fractions of a millisecond. */
function latency(ms: number): string {
  return ms < 100 && !Number.isInteger(ms) ? `${rounded(ms, 2)} ms` : seconds(ms);
}

/** Never 0% for a little, nor 100% for not quite. */
function percent(value: number): string {
  const shown = rounded(value, 2);
  if (shown === 0 && value > 0) return `${Number(value.toPrecision(2))}%`;
  return shown === 100 && value < 100 ? `${value}%` : `${shown}%`;
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

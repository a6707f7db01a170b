import { rateUnits, sizeUnits } from './quantity.ts';

/** '5s', '90s', '2m', '1.5s', '250ms': parses back to the same whole milliseconds. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  const rounded = Math.round(ms);
  if (rounded === 0) return '0s';
  if (rounded % 3_600_000 === 0) return `${rounded / 3_600_000}h`;
  if (rounded % 60_000 === 0) return `${rounded / 60_000}m`;
  return rounded < 1000 ? `${rounded}ms` : `${rounded / 1000}s`;
}

/** '0.5ms', and whole milliseconds as a duration: '50ms', '2s'. */
export function formatLatency(ms: number): string {
  return Number.isInteger(ms) ? formatDuration(ms) : `${ms}ms`;
}

/** In the largest unit that divides it: '256B', '64kB', '1MB'. */
export function formatSize(bytes: number): string {
  const rounded = Math.round(bytes);
  const fitting = Object.entries(sizeUnits.factors).filter(([, factor]) => rounded % factor === 0);
  const [unit, factor] = (rounded === 0 ? undefined : fitting.at(-1)) ?? ['B', 1];
  return `${rounded / factor}${unit}`;
}

/** '500/s', or '30/min' where only that is a whole number. */
export function formatRate(perSecond: number): string {
  const fitting = Object.entries(rateUnits.factors).find(([, factor]) => {
    const count = perSecond / factor;
    return Math.abs(count - Math.round(count)) < 1e-6;
  });
  if (!fitting) return `${Number(perSecond.toPrecision(6))}/s`;
  return `${Math.round(perSecond / fitting[1])}${fitting[0]}`;
}

import type { Result, Window } from '../../contracts/result.ts';
import { grouped, seconds, secondsOrUnknown } from './format.ts';

export const windowHead = [
  ...['phase', 'when', 'attempts', 'errors', 'p99', 'writes/s', 'availability'],
  ...['longest outage', 'replication lag'],
];

/** The phases that the demands name, and before them the whole load; empty where they name none. */
export function windowRows({ windows = [] }: Pick<Result, 'windows'>): readonly string[][] {
  return windows.length < 2 ? [] : windows.map(rowOf);
}

function rowOf(window: Window): string[] {
  const { phase, stretches, reason, attempts, errorPercent, latencyMs } = window;
  const { ackedPerSecond, availabilityPercent, outageMs, lagBytes } = window;
  const when = stretches.map(({ fromMs, untilMs }) => `${seconds(fromMs)} to ${seconds(untilMs)}`);
  return [
    phase ?? 'the whole load',
    [...when, ...(reason === null ? [] : [reason])].join(', '),
    attempts ? grouped(Object.values(attempts).reduce((sum, each) => sum + each, 0)) : 'unknown',
    shown(errorPercent, (value) => `${Number(value.toPrecision(3))}%`),
    shown(latencyMs?.p99, (ms) => (ms < 100 ? `${Math.round(ms * 10) / 10} ms` : seconds(ms))),
    shown(ackedPerSecond, (value) => grouped(Math.round(value))),
    shown(availabilityPercent, (value) => `${Math.floor(value * 100) / 100}%`),
    secondsOrUnknown(outageMs),
    shown(lagBytes, (value) => `${grouped(value)} bytes`),
  ];
}

function shown(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? 'unknown' : format(value);
}

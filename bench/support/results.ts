import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import path from 'node:path';

export type BenchResult = Readonly<Record<string, unknown>>;

/** Where every benchmark leaves its figures, under its own name. */
export const resultsFile = path.join(import.meta.dirname, '..', 'results.json');

/**
 * Prints a benchmark's figures and merges them into bench/results.json: others keep theirs. The machine is said with
 * each, for they may have been measured on different ones.
 */
export function reportBench(
  name: string,
  figures: BenchResult,
  versions: Readonly<Record<string, string>> = {},
): void {
  const result = { ...figures, machine: machine(), ...versions, node: process.versions.node };
  console.log(`${name}: ${JSON.stringify(result)}`);
  const all = { ...readResults(), [name]: result };
  const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => a.localeCompare(b)));
  writeFileSync(resultsFile, `${JSON.stringify(sorted, null, 2)}\n`);
}

function readResults(): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(resultsFile, 'utf8')) as Record<string, unknown>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${availableParallelism()} CPUs (${model}), ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
  const high = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  return (low + high) / 2;
}

/** Three digits after the point: enough for a ratio and for a time in seconds. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

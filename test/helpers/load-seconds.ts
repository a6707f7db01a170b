import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { waitUntil } from '../../src/std/wait.ts';

/** Waits until a scenario's latest run has been writing for so many whole seconds. */
export async function untilWriting(
  reports: string,
  scenario: string,
  seconds = 1,
  timeoutMs = 120_000,
): Promise<void> {
  const file = path.join(reports, scenario, 'latest', 'timeseries.jsonl');
  const written = () => {
    if (!existsSync(file)) return undefined;
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.filter((line) => /"acknowledged":[1-9]/.test(line)).length >= seconds || undefined;
  };
  await waitUntil(`${seconds} s of load`, written, { timeoutMs, everyMs: 100 });
}

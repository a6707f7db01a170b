import path from 'node:path';
import type { Result } from '../contracts/result.ts';
import type { Registry } from '../registry.ts';
import { print } from '../output.ts';

export const exitCodes = { pass: 0, fail: 1, unknown: 2 } as const;

/** The terminal summary; the reports it stands for lie in `directory`. */
export function printSummary(result: Result, registry: Registry, directory: string): void {
  const summary = registry.reporters.get('summary')?.render(result) ?? '';
  // Last, where it is still on the screen.
  print(`\n${summary}Report: ${path.join(directory, 'report.html')}\n`);
}

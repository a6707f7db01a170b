import type { Result } from '../contracts/result.ts';
import type { Registry } from '../registry.ts';

export const exitCodes = { pass: 0, fail: 1, unknown: 2 } as const;

/** The terminal summary; the reports it stands for lie in `directory`. */
export function printSummary(result: Result, registry: Registry, directory: string): void {
  const summary = registry.reporters.get('summary')?.render(result) ?? '';
  process.stdout.write(`\nReports: ${directory}\n\n${summary}`);
}

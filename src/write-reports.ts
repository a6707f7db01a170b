import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Reporter } from './contracts/evidence.ts';
import type { Result } from './contracts/result.ts';

/** Renders every report into the run's folder; a reader never sees half of one. */
export async function writeReports(
  directory: string,
  result: Result,
  registry: { readonly reporters: ReadonlyMap<string, Reporter> },
): Promise<void> {
  for (const reporter of registry.reporters.values()) {
    const file = path.join(directory, reporter.fileName);
    await writeFile(`${file}.tmp`, reporter.render(result));
    await rename(`${file}.tmp`, file);
  }
}

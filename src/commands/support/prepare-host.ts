import type { ClusterBackend } from '../../contracts/backend.ts';
import type { Finding } from '../../contracts/finding.ts';
import type { NeededOfHost } from '../../scenario/plan/needed-of-host.ts';
import { EnvironmentError } from '../../std/errors.ts';
import { bytes } from '../../std/units/shown.ts';

/**
 * Makes sure that this host can run a backend; installs what is missing if allowed.
 * Errors: EnvironmentError with everything missing and how to get it.
 */
export async function prepareHost(
  backend: ClusterBackend,
  /** Without `spec` any cluster that the backend can boot. */
  options: Partial<NeededOfHost> & {
    readonly install: boolean;
    readonly log: (line: string) => void;
  },
): Promise<void> {
  const missing = await missingOn(backend, options);
  if (missing.length === 0) return;
  if (!options.install || !backend.install) throw cannotRun(missing);
  await backend.install(missing, (line) => options.log(line));
  const still = await missingOn(backend, options);
  if (still.length > 0) throw cannotRun(still);
}

/** One line for the finding, and one for its remedy. A finding with a remedy that prevents no run is a note. */
export function describeFinding({ name, detail, remedy, isMissing }: Finding): string {
  const mark = isMissing ? 'MISSING' : remedy === undefined ? 'ok' : 'note';
  const hint = remedy === undefined ? '' : `\n        ${remedy}`;
  return `${mark.padEnd(7)} ${name}: ${detail}${hint}`;
}

async function missingOn(
  backend: ClusterBackend,
  { spec, needs, routes, memoryAbove = 0 }: Partial<NeededOfHost>,
): Promise<readonly Finding[]> {
  const missing = (await backend.preflight(spec, needs, routes)).filter((found) => found.isMissing);
  if (missing.length > 0 || memoryAbove === 0) return missing;
  const has = await backend.memoryOfHost?.();
  if (has === undefined || has > memoryAbove) return [];
  const detail = `the host has ${bytes(has)}, so to leave ${bytes(memoryAbove)} takes none away`;
  return [{ name: 'memory', isMissing: true, detail }];
}

function cannotRun(missing: readonly Finding[]): EnvironmentError {
  const lines = missing.map(describeFinding);
  return new EnvironmentError(`this host cannot run the scenario yet:\n${lines.join('\n')}`);
}

import type { ClusterBackend } from '../../contracts/backend.ts';
import type { CapabilityName } from '../../contracts/cluster.ts';
import type { Finding } from '../../contracts/finding.ts';
import type { RouteSpec } from '../../contracts/route.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { EnvironmentError } from '../../std/errors.ts';

/**
 * Makes sure that this host can run a backend; installs what is missing if allowed.
 * Errors: EnvironmentError with everything missing and how to get it.
 */
export async function prepareHost(
  backend: ClusterBackend,
  options: {
    /** The wanted cluster; without one, any that the backend can boot. */
    readonly spec?: ClusterSpec;
    /** Capabilities that the faults need. */
    readonly needs?: readonly CapabilityName[];
    /** How the load's clients reach the cluster. */
    readonly routes?: readonly RouteSpec[];
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
  wanted: {
    readonly spec?: ClusterSpec;
    readonly needs?: readonly CapabilityName[];
    readonly routes?: readonly RouteSpec[];
  },
): Promise<readonly Finding[]> {
  const { spec, needs, routes } = wanted;
  return (await backend.preflight(spec, needs, routes)).filter(({ isMissing }) => isMissing);
}

function cannotRun(missing: readonly Finding[]): EnvironmentError {
  const lines = missing.map(describeFinding);
  return new EnvironmentError(`this host cannot run the scenario yet:\n${lines.join('\n')}`);
}

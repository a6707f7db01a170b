import { labsFolder } from '../../backends/local/record.ts';
import type { LiveCluster } from '../../contracts/backend.ts';
import type { Registry } from '../../contracts/registry.ts';
import { EnvironmentError, messageOf, ScenarioError } from '../../std/errors.ts';

type Backends = Registry['backends'];

/**
 * The cluster with this id, or the only one of this reports folder that is up, on any backend. Leftovers of killed runs
 * count only when no other cluster is up.
 * Errors: EnvironmentError when none is up; ScenarioError for an unknown id, or for several clusters and no id.
 */
export async function liveClusterOf(
  id: string | undefined,
  backends: Backends,
): Promise<LiveCluster> {
  const { live, unanswered } = await askAll(backends);
  const found = id === undefined ? unnamed(live) : live.filter((cluster) => cluster.id === id);
  const [only] = found;
  if (only && found.length === 1) return only;
  const unknown = unanswered.map((what) => `\n(${what})`).join('');
  if (live.length === 0) {
    throw new EnvironmentError(
      `no lab is up (local ones: ${labsFolder()}). \`forkpoint lab\` boots one; \`run --keep\` holds one.${unknown}`,
    );
  }
  const several = found.length > 1 ? 'several labs are up' : 'only labs of others are up';
  const asked = id === undefined ? `${several}: name one with --lab` : `no lab is called ${id}`;
  throw new ScenarioError(`${asked}. Up: ${live.map(described).join(', ')}${unknown}`);
}

function unnamed(live: readonly LiveCluster[]): readonly LiveCluster[] {
  const own = live.filter(({ isOthers }) => isOthers !== true);
  const held = own.filter(({ isLeftover }) => isLeftover !== true);
  return held.length > 0 ? held : own;
}

function described({ id, backend, isLeftover, isOthers }: LiveCluster): string {
  const others = isOthers === true ? ', of another host or reports folder' : '';
  return `${id} (${backend}${others}${isLeftover === true ? ', left by a killed run' : ''})`;
}

/** A backend that cannot answer (no engine on this host) does not hide the others. */
async function askAll(backends: Backends) {
  const live: LiveCluster[] = [];
  const unanswered: string[] = [];
  for (const [name, backend] of backends) {
    try {
      live.push(...((await backend.live?.()) ?? []));
    } catch (error) {
      unanswered.push(`${name}: ${messageOf(error)}`);
    }
  }
  return { live, unanswered };
}

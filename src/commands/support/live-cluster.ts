import { labsFolder } from '../../backends/local/record.ts';
import type { LiveCluster } from '../../contracts/cluster.ts';
import type { Registry } from '../../contracts/registry.ts';
import { EnvironmentError, messageOf, ScenarioError } from '../../std/errors.ts';

type Backends = Registry['backends'];

/**
 * The cluster with this id, or the only one that is up, whatever its backend. What a killed run left is the only one
 * where no other is up.
 * Errors: EnvironmentError when there is none; ScenarioError for one that is not there, or more than one and nobody said which.
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
  const asked =
    id === undefined ? 'several labs are up: say which with --lab' : `no lab is called ${id}`;
  throw new ScenarioError(`${asked}. Up: ${live.map(described).join(', ')}${unknown}`);
}

function unnamed(live: readonly LiveCluster[]): readonly LiveCluster[] {
  const held = live.filter(({ isLeftover }) => isLeftover !== true);
  return held.length > 0 ? held : live;
}

function described({ id, backend, isLeftover }: LiveCluster): string {
  return `${id} (${backend}${isLeftover === true ? ', left by a killed run' : ''})`;
}

/** A backend that cannot say (no engine on this host) hides nothing of the others. */
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

import type { ClusterSettings } from '../../contracts/durability.ts';
import type { Plan } from '../../contracts/scenario.ts';
import type { Result } from '../../contracts/result.ts';
import type { RunFacts } from '../../evidence/events/run-facts.ts';

/** As the primary ran them when the load began. */
export function primarySettings(settings: ClusterSettings | undefined): Result['settings'] {
  return settings?.members.find(({ role }) => role === 'primary')?.parameters ?? {};
}

/** `forkpoint`: the version that judges. */
export function versionsOf({ versions }: RunFacts, forkpoint: string): Result['versions'] {
  const { postgres = 'unknown', patroni = 'unknown', dcs = 'unknown' } = versions;
  return { forkpoint, node: process.versions.node, postgres, patroni, dcs };
}

/** As members were booted with it; as planned where the run did not come so far. */
export function configurationOf(
  { scenario }: Plan,
  settings: ClusterSettings | undefined,
): Result['configuration'] {
  const booted = settings?.own?.config;
  if (booted) return booted;
  const { file = '', read } = scenario.cluster.config ?? {};
  return read ? { file, digest: read.digest, replaced: read.replaced } : null;
}

import type { ClusterSettings } from '../../contracts/durability.ts';
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

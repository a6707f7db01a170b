import type { ClusterBackend } from '../../contracts/backend.ts';
import type { Registry } from '../../contracts/registry.ts';
import type { Scenario } from '../../contracts/scenario.ts';
import { refuseDemands } from './refuse-demands.ts';
import type { Refusals } from './refusals.ts';

/** What an archive needs of the backend, and what only makes sense with one. */
export function checkArchive(
  scenario: Scenario,
  {
    checks,
    offered,
    backend,
    refusals,
  }: Pick<Registry, 'checks'> & {
    readonly offered: ClusterBackend | undefined;
    readonly backend: string;
    readonly refusals: Refusals;
  },
): void {
  const { archive } = scenario.cluster;
  if (archive && offered && !offered.offers.includes('archive')) {
    refusals.add(
      'cluster.archive',
      `backend ${backend} keeps no archive of WAL; use --backend local`,
    );
  }
  if (archive) return;
  const what =
    'judges restores, and the cluster has no archive; write cluster: { archive: folder }';
  refuseDemands(scenario, refusals, (name) => (checks.get(name)?.isOfArchive ? what : undefined));
}

import type { Machine } from '../../src/contracts/cluster.ts';
import type { FaultContext } from '../../src/contracts/fault.ts';

/** Healing makes sure that Patroni runs, which starts its server when it should; without Patroni it starts the server. */
export function startAgain(
  targets: readonly Pick<Machine, 'name'>[],
  { cluster, undo }: Pick<FaultContext, 'cluster' | 'undo'>,
): void {
  const target = cluster.patroni ? 'patroni' : 'postgres';
  for (const { name } of targets) undo({ do: 'start', node: name, target });
}

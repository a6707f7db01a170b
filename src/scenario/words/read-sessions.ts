import type { LoadSpec } from '../../contracts/scenario.ts';

/** Connections to one node for reads, beside those of the clients that write. */
export function readSessions({
  clients,
  readers,
  clientReads,
  groups = [],
}: Pick<LoadSpec, 'clients' | 'readers' | 'clientReads' | 'groups'>): number {
  const reading = [{ clients, clientReads }, ...groups].filter(
    ({ clientReads: reads }) => reads !== undefined && reads.from !== 'connection',
  );
  return reading.reduce((sum, each) => sum + each.clients, readers?.count ?? 0);
}

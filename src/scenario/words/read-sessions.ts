import type { LoadSpec } from '../../contracts/scenario.ts';

/** Connections to one node for reads, beside those of the clients that write. */
export function readSessions({
  clients,
  readers,
  clientReads,
}: Pick<LoadSpec, 'clients' | 'readers' | 'clientReads'>): number {
  const isApart = clientReads !== undefined && clientReads.from !== 'connection';
  return (readers?.count ?? 0) + (isApart ? clients : 0);
}

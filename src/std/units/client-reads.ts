import type { LoadSpec } from '../../contracts/scenario.ts';

/** Whether any client reads, too. */
export function hasClientReads({
  clientReads,
  groups = [],
}: Pick<LoadSpec, 'clientReads' | 'groups'>): boolean {
  return clientReads !== undefined || groups.some((group) => group.clientReads !== undefined);
}

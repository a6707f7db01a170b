import type { LoadSpec } from '../../contracts/scenario.ts';

/** Whether anything is read during the load: by readers, or by clients. */
export function hasReads(load: Pick<LoadSpec, 'readers' | 'clientReads' | 'groups'>): boolean {
  return load.readers !== undefined || hasClientReads(load);
}

/** Whether any client reads, too. */
export function hasClientReads({
  clientReads,
  groups = [],
}: Pick<LoadSpec, 'clientReads' | 'groups'>): boolean {
  return clientReads !== undefined || groups.some((group) => group.clientReads !== undefined);
}

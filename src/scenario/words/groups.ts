import type { GroupSpec, LoadSpec } from '../../contracts/scenario.ts';

/** Named clients: writers `firstWriter` .. `firstWriter + clients - 1`. */
export interface NamedWriters {
  readonly name: string;
  readonly firstWriter: number;
  readonly clients: number;
}

/** Every group with its writers; none where the load names no groups. */
export function groupsOfLoad({
  groups = [],
}: Pick<LoadSpec, 'groups'>): readonly (GroupSpec & NamedWriters)[] {
  let firstWriter = 0;
  return groups.map((group) => {
    const placed = { ...group, firstWriter };
    firstWriter += group.clients;
    return placed;
  });
}

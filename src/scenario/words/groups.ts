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

export function isWriterOf(
  writer: number,
  { firstWriter, clients }: Omit<NamedWriters, 'name'>,
): boolean {
  return writer >= firstWriter && writer < firstWriter + clients;
}

/** Its clients only read. */
export function onlyReads({ clientReads }: Pick<GroupSpec, 'clientReads'>): boolean {
  return clientReads?.share === 1;
}

/** The load as the clients of one of its groups have it: what the group does not say is that of the load. */
export function loadOfGroup(load: LoadSpec, group: GroupSpec): LoadSpec {
  const { think, clientReads, workload, params, files, payloadBytes, payloadMostBytes } = group;
  const ownLoad: { -readonly [Key in keyof LoadSpec]: LoadSpec[Key] } = { ...load };
  delete ownLoad.clientReads;
  if (think) ownLoad.think = think;
  if (clientReads) ownLoad.clientReads = clientReads;
  if (payloadBytes !== undefined) {
    delete ownLoad.payloadMostBytes;
    ownLoad.payloadBytes = payloadBytes;
    if (payloadMostBytes !== undefined) ownLoad.payloadMostBytes = payloadMostBytes;
  }
  if (workload !== undefined) {
    delete ownLoad.files;
    ownLoad.workload = workload;
    ownLoad.params = params ?? {};
    if (files) ownLoad.files = files;
  }
  ownLoad.mix = group.mix ?? load.mix;
  ownLoad.batch = group.batch ?? load.batch;
  ownLoad.site = group.site ?? load.site;
  return ownLoad;
}

/** A workload of a load, in tables of its own. */
export interface PlacedWorkload {
  /** Absent: of the load itself, and of every group that names none. */
  readonly group?: string;
  /** Unique in the load: 0 for the load's own, n for the nth group. */
  readonly number: number;
  /** The load as its clients have it. */
  readonly load: LoadSpec;
  /** Whether this writer writes to its tables. */
  readonly has: (writer: number) => boolean;
}

/** The load's own workload first, then those of its groups. */
export function workloadsOf(load: LoadSpec): readonly PlacedWorkload[] {
  const groups = groupsOfLoad(load);
  const apart = groups.filter(({ workload }) => workload !== undefined);
  const isApart = (writer: number) => apart.some((group) => isWriterOf(writer, group));
  return [
    { number: 0, load, has: (writer) => !isApart(writer) },
    ...groups.flatMap((group, index): PlacedWorkload[] => {
      if (group.workload === undefined) return [];
      const has = (writer: number) => isWriterOf(writer, group);
      return [{ group: group.name, number: index + 1, load: loadOfGroup(load, group), has }];
    }),
  ];
}

/** Of one insert of any client. */
export function mostRowsOf({ batch, groups = [] }: Pick<LoadSpec, 'batch' | 'groups'>): number {
  return Math.max(batch, ...groups.map((group) => group.batch ?? 0));
}

/** Whether any client updates or deletes rows. */
export function changesRows({ mix, groups = [] }: Pick<LoadSpec, 'mix' | 'groups'>): boolean {
  const own = groups.length === 0 ? [mix] : groups.map((group) => group.mix ?? mix);
  return own.some(({ update, delete: deletes }) => update > 0 || deletes > 0);
}

/** Each client site with its writers, those of one site together where they follow each other. */
export function sitesOf(load: LoadSpec): readonly SiteWriters[] {
  const groups = groupsOfLoad(load);
  if (groups.length === 0) return [{ site: load.site, firstWriter: 0, clients: load.clients }];
  const found: SiteWriters[] = [];
  for (const { site = load.site, firstWriter, clients } of groups) {
    const last = found.at(-1);
    if (last?.site === site) found[found.length - 1] = { ...last, clients: last.clients + clients };
    else found.push({ site, firstWriter, clients });
  }
  return found;
}

export interface SiteWriters {
  readonly site: string;
  readonly firstWriter: number;
  readonly clients: number;
}

import type { NamedWriters } from '../scenario/words/groups.ts';
import { isWriterOf } from '../scenario/words/groups.ts';
import type { Bytes } from '../pg/session.ts';
import { addBytes, noBytes } from './bytes.ts';
import type { ClientStats, LoadStats } from './protocol.ts';

export interface CountedClient {
  /** Of its writer. */
  readonly number: number;
  readonly isConnected: boolean;
  readonly inFlight: number;
  readonly isBackingOff: boolean;
  /** Over all its connections. */
  readonly bytes: Bytes;
}

export interface CountedLoad {
  readonly groups: readonly NamedWriters[];
  readonly isRetrying: boolean;
  /** Operations of a group that are due and were not sent; undefined: of all. */
  readonly overdue: (group?: string) => number;
}

/** What the clients of one worker do now, all together and of each group. */
export function clientStatsOf(
  clients: readonly CountedClient[],
  { groups, isRetrying, overdue }: CountedLoad,
): ClientStats & Pick<LoadStats, 'groups'> {
  const statsOf = (some: readonly CountedClient[], unstarted: number): ClientStats => ({
    inFlight: some.reduce((sum, client) => sum + client.inFlight, 0),
    connected: some.filter((client) => client.isConnected).length,
    unstarted,
    ...(isRetrying && { backingOff: some.filter((client) => client.isBackingOff).length }),
    bytes: some.reduce((sum, client) => addBytes(sum, client.bytes), noBytes),
  });
  const all = statsOf(clients, overdue());
  if (groups.length === 0) return all;
  return {
    ...all,
    groups: groups.map((group) => {
      const own = clients.filter(({ number }) => isWriterOf(number, group));
      return statsOf(own, overdue(group.name));
    }),
  };
}

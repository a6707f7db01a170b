import type { LockReader, LockState } from '../contracts/cluster.ts';
import { http, jsonOf } from './http.ts';
import type { PatroniMember } from './rest.ts';

const answerTimeoutMs = 1_000;
const leaderRoles: readonly (string | undefined)[] = ['leader', 'standby_leader'];
const syncRoles: readonly (string | undefined)[] = ['sync_standby', 'quorum_standby'];

/** GET /cluster of one member. Source: Patroni, utils.py, cluster_as_json. */
interface ClusterView {
  readonly members?: readonly {
    readonly name: string;
    readonly role?: string;
    readonly state?: string;
  }[];
  readonly pause?: boolean;
}

/**
 * Reads the lock through Patroni's REST interface, where the DCS is out of reach. A member answers from its own view of the
 * DCS, and one that is cut off keeps naming a leader that was replaced long ago: a leader counts only when a majority of all
 * members names it. Where every member lost the DCS they agree on what was before; only the DCS itself knows better.
 */
export class RestLocks implements LockReader {
  readonly #members: readonly PatroniMember[];
  readonly #timeoutMs: number;

  constructor(members: readonly PatroniMember[], timeoutMs = answerTimeoutMs) {
    this.#members = members;
    this.#timeoutMs = timeoutMs;
  }

  async leader(signal: AbortSignal): Promise<LockState | undefined> {
    const states: LockState[] = [];
    const found = Promise.withResolvers<LockState | undefined>();
    const asked = this.#members.map(async (member) => {
      states.push(stateOf(await this.#readView(member, signal)));
      // A member that is cut off must not delay what the others agree on.
      const agreement = agreed(states, this.#members.length);
      if (agreement) found.resolve(agreement);
    });
    void Promise.allSettled(asked).then(() => found.resolve(undefined));
    return found.promise;
  }

  async #readView({ target }: PatroniMember, signal: AbortSignal): Promise<ClusterView> {
    const timeoutMs = this.#timeoutMs;
    const request = { method: 'GET', path: '/cluster', timeoutMs, signal } as const;
    return jsonOf(await http(target, request)) as ClusterView;
  }
}

/** The state of the members that agree on a leader, or on there being none; undefined where these are no majority of all. */
export function agreed(states: readonly LockState[], members: number): LockState | undefined {
  return states.find(({ leader }) => {
    const votes = states.filter((other) => other.leader === leader).length;
    return votes * 2 > members;
  });
}

/** Errors: TypeError for an answer without members, which says nothing. */
function stateOf({ members, pause }: ClusterView): LockState {
  if (!members) throw new TypeError('GET /cluster names no members');
  const leader = members.find(({ role }) => leaderRoles.includes(role))?.name;
  const states = members.flatMap(({ name, state }) => (state === undefined ? [] : [[name, state]]));
  return {
    ...(leader !== undefined && { leader }),
    syncStandbys: members
      .filter(({ role }) => syncRoles.includes(role))
      .map(({ name }) => name)
      .sort(),
    isPaused: pause === true,
    states: Object.fromEntries(states) as Readonly<Record<string, string>>,
  };
}

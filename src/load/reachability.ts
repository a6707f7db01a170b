import { setTimeout as sleep } from 'node:timers/promises';
import type { Reach } from '../contracts/evidence.ts';
import { knock } from '../pg/probe-port.ts';
import type { Member } from './member.ts';

/** Far above two round trips through a slow network, and no longer than a client would wait gladly. */
const timeoutMs = 1_000;
const pauseMs = 200;

/** One member answers otherwise than before. `agoMs`: when that was asked. */
export interface ReachChange {
  readonly node: string;
  readonly reach: Reach;
  readonly agoMs: number;
}

/** Knocks at every member, from where the load's clients are, until the signal; tells of each change, the first included. */
export async function watchReach(
  members: readonly Member[],
  tell: (change: ReachChange) => void,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    members.map(async ({ name, endpoint }) => {
      let known: Reach | undefined;
      while (!signal.aborted) {
        const askedMs = performance.now();
        const reach = await knock(endpoint, { timeoutMs, signal });
        // The end of the load is no silence of the server's.
        if (reach === undefined) return;
        const agoMs = Math.round(performance.now() - askedMs);
        if (reach !== known) tell({ node: name, reach, agoMs });
        known = reach;
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }),
  );
}

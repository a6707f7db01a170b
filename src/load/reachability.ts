import { setTimeout as sleep } from 'node:timers/promises';
import type { Reach } from '../contracts/evidence.ts';
import { knock } from '../pg/probe-port.ts';
import type { Member } from './member.ts';

/** Far above two round trips of a slow network, and no longer than a client would wait. */
const timeoutMs = 1_000;
const pauseMs = 200;

/** A change in a member's answer. `agoMs`: when the answer was requested. */
export interface ReachChange {
  readonly node: string;
  readonly reach: Reach;
  readonly agoMs: number;
}

/** Probes every member from the site of the load's clients, until the signal; reports the first answer and each change. */
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
        // A probe that the end of the load aborted does not mean that the server is silent.
        if (reach === undefined) return;
        const agoMs = Math.round(performance.now() - askedMs);
        if (reach !== known) tell({ node: name, reach, agoMs });
        known = reach;
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      }
    }),
  );
}

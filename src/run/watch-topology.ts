import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Topology } from '../contracts/cluster.ts';
import { lsnDistance } from '../pg/lsn.ts';
import { primaryOf } from '../std/units/leadership.ts';
import { monotonicMs } from '../std/wait.ts';

const everyMs = 200;
const lagEveryMs = 1_000;

export interface Watched {
  /** Each reading, whether or not something changed. */
  looked(topology: Topology): void;
  topology(topology: Topology): void;
  /** Readings fail; the last one that was answered, or the start of the watch, is so long ago. */
  blind(agoMs: number): void;
  /** They are answered again. */
  seesAgain(): void;
  /** Each replica's distance behind the one primary, bytes. */
  lag(bytes: Readonly<Record<string, number>>): void;
}

export interface Watcher extends AsyncDisposable {
  /** The last reading, for display. */
  readonly latest: Topology | undefined;
}

/** Polls the topology and emits an event per change of role, leader, state or timeline, and the lag once a second. */
export function watchTopology(cluster: Pick<Cluster, 'topology'>, watched: Watched): Watcher {
  const stop = new AbortController();
  let latest: Topology | undefined;
  let known = '';
  let lagAtMs = -Infinity;
  let answeredMs = monotonicMs();
  let isBlind = false;
  const isStopped = () => stop.signal.aborted;
  const loop = async (): Promise<void> => {
    while (!isStopped()) {
      // No answer is no change, and what changed meanwhile is unknown.
      const topology = await cluster.topology(stop.signal).catch(() => undefined);
      const shape = topology === undefined ? known : JSON.stringify(withoutPositions(topology));
      if (!topology && !isBlind && !isStopped()) {
        isBlind = true;
        watched.blind(Math.round(monotonicMs() - answeredMs));
      }
      if (topology) {
        answeredMs = monotonicMs();
        if (isBlind) watched.seesAgain();
        isBlind = false;
        latest = topology;
        if (shape !== known) watched.topology(topology);
        known = shape;
        watched.looked(topology);
        const lag = monotonicMs() - lagAtMs < lagEveryMs ? undefined : lagOf(topology);
        if (lag) {
          lagAtMs = monotonicMs();
          watched.lag(lag);
        }
      }
      await sleep(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const ended = loop();
  return {
    get latest() {
      return latest;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
    },
  };
}

/** Undefined when unknown: no primary, or two. */
function lagOf(topology: Topology): Readonly<Record<string, number>> | undefined {
  const ahead = primaryOf(topology)?.lsn;
  if (ahead === undefined) return undefined;
  return Object.fromEntries(
    topology.members.flatMap(({ node, role, lsn }) =>
      role === 'replica' && lsn !== undefined ? [[node, lsnDistance(ahead, lsn)]] : [],
    ),
  );
}

function withoutPositions(topology: Topology): unknown {
  const members = topology.members.map(({ lsn: _, ...member }) => member);
  return { ...topology, members };
}

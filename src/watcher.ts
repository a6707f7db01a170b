import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Topology } from './contracts/cluster.ts';

const everyMs = 200;

export interface Watcher extends AsyncDisposable {
  /** The last answer, for whoever shows it. */
  readonly latest: Topology | undefined;
}

/** Looks at the cluster all the time and tells of every change of role, leader, state or timeline. */
export function watchTopology(cluster: Cluster, onChange: (topology: Topology) => void): Watcher {
  const stop = new AbortController();
  let latest: Topology | undefined;
  let known = '';
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      // No answer is no news: what the silence means, the next answer and the journals tell.
      const topology = await cluster.topology(stop.signal).catch(() => undefined);
      const shape = topology === undefined ? known : JSON.stringify(withoutPositions(topology));
      if (topology) {
        latest = topology;
        if (shape !== known) onChange(topology);
        known = shape;
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

function withoutPositions(topology: Topology): unknown {
  const members = topology.members.map(({ node, role, state, timeline, isStreaming }) => ({
    ...{ node, role, state, timeline, isStreaming },
  }));
  return { ...topology, members };
}

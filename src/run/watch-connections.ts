import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Node } from '../contracts/cluster.ts';
import { connect } from '../pg/connect.ts';
import { type Session, SqlError } from '../pg/session.ts';
import { type Connections, readConnections } from '../pg/free-connections.ts';

const everyMs = 1_000;
const timeoutMs = 2_000;
const tooManyConnections = '53300';

interface WatchOptions {
  readonly minFree: number;
  /** Called once, with the figures. */
  readonly tooFew: (why: string) => void;
}

/** Looks once a second whether so many connections are free on the primary; until disposed, or until there are too few. */
export function watchConnections(
  cluster: Pick<Cluster, 'nodes' | 'credentials'>,
  { minFree, tooFew }: WatchOptions,
): AsyncDisposable {
  const stop = new AbortController();
  const looks = cluster.nodes.map((node) =>
    watchNode(new Look(node, cluster.credentials), stop.signal, (found) => {
      if (stop.signal.aborted || found.free >= minFree) return;
      stop.abort();
      tooFew(
        `too few connections were free on ${node.name}: ${found.says}; ${minFree} must stay free (minFree), so the load was ended. Use fewer clients, raise max_connections, or lower minFree`,
      );
    }),
  );
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await Promise.all(looks);
    },
  };
}

interface Free {
  readonly free: number;
  readonly says: string;
}

async function watchNode(
  look: Look,
  signal: AbortSignal,
  found: (free: Free) => void,
): Promise<void> {
  while (!signal.aborted) {
    const free = await look.now(signal);
    if (free) found(free);
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
  look.close();
}

/** One server's free connections, over a session that is kept: a full server would take no new one. */
class Look {
  readonly #node: Node;
  readonly #credentials: Cluster['credentials'];
  #session: Session | undefined;
  #wasPrimary = false;

  constructor(node: Node, credentials: Cluster['credentials']) {
    this.#node = node;
    this.#credentials = credentials;
  }

  /** Undefined: it is no primary, or does not answer, which is not for this watch to say. */
  async now(signal: AbortSignal): Promise<Free | undefined> {
    try {
      this.#session ??= await connect(this.#node.observer, this.#credentials, {
        connectTimeoutMs: timeoutMs,
        queryTimeoutMs: timeoutMs,
        applicationName: 'forkpoint connections',
        settings: 'reader',
        signal,
      });
      const found = await readConnections(this.#session);
      this.#wasPrimary = found?.isPrimary === true;
      return found && this.#wasPrimary ? freeOf(found) : undefined;
    } catch (error) {
      this.close();
      const isFull = error instanceof SqlError && error.sqlState === tooManyConnections;
      return isFull && this.#wasPrimary ? { free: 0, says: error.message } : undefined;
    }
  }

  close(): void {
    this.#session?.destroy();
    this.#session = undefined;
  }
}

function freeOf({ most, reserved, taken }: Connections): Free {
  const free = Math.max(0, most - reserved - taken);
  const says = `${free} (max_connections ${most}, ${reserved} reserved, ${taken} taken)`;
  return { free, says };
}

import type { Credentials, Endpoint, SqlControl } from '../contracts/cluster.ts';
import { ClusterError, messageOf } from '../std/errors.ts';
import { connect } from '../pg/connect.ts';
import { heldSessions } from './held-sessions.ts';

const connectTimeoutMs = 5_000;
const answerTimeoutMs = 30_000;

/** One connection per statement: a server that was killed or isolated meanwhile does not affect the next statement. */
export function sqlControl(observer: Endpoint, credentials: Credentials): SqlControl {
  // Its statements have limits of their own: one that waits for a lock has none.
  const open = (applicationName: string) =>
    connect(observer, credentials, { connectTimeoutMs, applicationName, settings: 'servers' });
  return {
    ...heldSessions(open),
    query: async (text, values = [], { signal, timeoutMs = answerTimeoutMs } = {}) => {
      try {
        await using session = await connect(observer, credentials, {
          connectTimeoutMs,
          queryTimeoutMs: timeoutMs,
          applicationName: 'forkpoint nemesis',
          settings: 'servers',
          ...(signal && { signal }),
        });
        return await session.rows<Readonly<Record<string, unknown>>>(text, values);
      } catch (error) {
        signal?.throwIfAborted();
        throw new ClusterError(messageOf(error), { cause: error });
      }
    },
  };
}

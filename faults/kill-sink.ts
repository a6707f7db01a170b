import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';

const params = z.strictObject({});

/** Consumers must keep what they have read, and must not confirm it to the cluster. Its data is on its disk, and it recovers. */
const killSink: Fault<z.infer<typeof params>> = {
  summary: 'Sends SIGKILL to the PostgreSQL that consumers write to; starts it again to heal.',
  params,
  targets: 'none',
  effects: { keepsLeader: true, servers: 'none' },
  needs: () => ['sink'],

  async inject(_targets, _params, { cluster, undo }) {
    const sink = cluster.sink ?? lacks({ name: cluster.id }, 'sink');
    undo({ do: 'startSink' });
    await sink.kill();
    return {};
  },
};
export default killSink;

import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';

const params = z.strictObject({});

/** A sink that is there and does not answer: only a limit of time tells a consumer that a commit is not coming. */
const freezeSink: Fault<z.infer<typeof params>> = {
  summary: 'Sends SIGSTOP to the PostgreSQL that consumers write to, and SIGCONT to heal.',
  params,
  targets: 'none',
  effects: { keepsLeader: true, servers: 'none' },
  needs: () => ['sink'],

  async inject(_targets, _params, { cluster, undo }) {
    const sink = cluster.sink ?? lacks({ name: cluster.id }, 'sink');
    undo({ do: 'thawSink' });
    await sink.freeze();
    return {};
  },
};
export default freezeSink;

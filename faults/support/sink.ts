import { z } from 'zod';
import type { SinkServer } from '../../src/contracts/cluster.ts';
import type { Fault, Undo } from '../../src/contracts/fault.ts';
import { lacks } from '../../src/std/errors.ts';

const params = z.strictObject({});

interface SinkHarm {
  readonly summary: string;
  readonly undo: Undo;
  readonly harm: (sink: SinkServer) => Promise<void>;
}

/** A fault of the PostgreSQL that consumers write to. */
export function sinkFault({ summary, undo, harm }: SinkHarm): Fault<z.infer<typeof params>> {
  return {
    summary,
    params,
    targets: 'none',
    effects: { keepsLeader: true, servers: 'none' },
    needs: () => ['sink'],

    async inject(_targets, _params, context) {
      const { cluster } = context;
      const sink = cluster.sink ?? lacks({ name: cluster.id }, 'sink');
      context.undo(undo);
      await harm(sink);
      return {};
    },
  };
}

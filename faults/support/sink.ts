import { z } from 'zod';
import type { CapabilityName, SinkServer } from '../../src/contracts/cluster.ts';
import type { Fault, Undo } from '../../src/contracts/fault.ts';
import { lacks } from '../../src/std/errors.ts';

const params = z.strictObject({});

interface SinkHarm {
  readonly summary: string;
  readonly undo: Undo;
  /** Beside the sink. */
  readonly needs?: readonly CapabilityName[];
  readonly harm: (sink: SinkServer) => Promise<void>;
}

/** A fault of the PostgreSQL that consumers write to. */
export function sinkFault({
  summary,
  undo,
  needs = [],
  harm,
}: SinkHarm): Fault<z.infer<typeof params>> {
  return {
    summary,
    params,
    targets: 'none',
    effects: { keepsLeader: true, servers: 'none' },
    needs: () => ['sink', ...needs],

    async inject(_targets, _params, context) {
      const { cluster } = context;
      const sink = cluster.sink ?? lacks({ name: cluster.id }, 'sink');
      context.undo(undo);
      await harm(sink);
      return {};
    },
  };
}

import type { z } from 'zod';
import type { Fault } from '../../src/contracts/fault.ts';
import { consumerParams, consumersOf } from './consumers.ts';

/** A fault that ends the process of a consumer by a signal; healing starts it again, as its supervisor or a deployment would. */
export function endConsumer(
  signal: 'SIGKILL' | 'SIGTERM',
  summary: string,
): Fault<z.infer<typeof consumerParams>> {
  return {
    summary,
    params: consumerParams,
    example: { consumer: 'feed' },
    targets: 'none',
    effects: { keepsLeader: true, servers: 'none' },
    needs: () => [],
    consumers: ({ consumer }) => [consumer],

    async inject(_targets, { consumer }, context) {
      context.undo({ do: 'startConsumer', consumer });
      await consumersOf(context).end(consumer, signal);
      return { consumer };
    },
  };
}

import { z } from 'zod';
import type { Fault } from '../../src/contracts/fault.ts';
import { lacks } from '../../src/std/errors.ts';

const params = z.strictObject({
  consumer: z.string().describe('The name of the consumer in downstream.'),
});

/** A fault that ends the process of a consumer by a signal; healing starts it again, as its supervisor or a deployment would. */
export function endConsumer(
  signal: 'SIGKILL' | 'SIGTERM',
  summary: string,
): Fault<z.infer<typeof params>> {
  return {
    summary,
    params,
    example: { consumer: 'feed' },
    targets: 'none',
    effects: { keepsLeader: true, servers: 'none' },
    needs: () => [],
    consumers: ({ consumer }) => [consumer],

    async inject(_targets, { consumer }, { cluster, consumers, undo }) {
      const control = consumers ?? lacks({ name: cluster.id }, 'consumers');
      undo({ do: 'startConsumer', consumer });
      await control.end(consumer, signal);
      return { consumer };
    },
  };
}

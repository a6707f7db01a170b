import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';

const params = z.strictObject({
  consumer: z.string().describe('The name of the consumer in downstream.'),
});

/**
 * What it had received and its sink had not committed is gone from its memory. Healing starts it again, as a supervisor would.
 */
const killConsumer: Fault<z.infer<typeof params>> = {
  summary: 'Sends SIGKILL to the process of a consumer; starts it again to heal.',
  params,
  example: { consumer: 'feed' },
  targets: 'none',
  effects: { keepsLeader: true, servers: 'none' },
  needs: () => [],
  consumers: ({ consumer }) => [consumer],

  async inject(_targets, { consumer }, { cluster, consumers, undo }) {
    const control = consumers ?? lacks({ name: cluster.id }, 'consumers');
    undo({ do: 'startConsumer', consumer });
    await control.end(consumer, 'SIGKILL');
    return { consumer };
  },
};
export default killConsumer;

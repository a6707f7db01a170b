import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { lacks } from '../src/std/errors.ts';

const params = z.strictObject({
  consumer: z.string().describe('The name of the consumer in downstream.'),
});

/**
 * It delivers what it has received and ends by itself, within 30 s or not at all. Healing starts it again, as a deployment does.
 */
const stopConsumer: Fault<z.infer<typeof params>> = {
  summary: 'Asks a consumer to end in an orderly way; starts it again to heal.',
  params,
  example: { consumer: 'feed' },
  targets: 'none',
  effects: { keepsLeader: true, servers: 'none' },
  needs: () => [],
  consumers: ({ consumer }) => [consumer],

  async inject(_targets, { consumer }, { cluster, consumers, undo }) {
    const control = consumers ?? lacks({ name: cluster.id }, 'consumers');
    undo({ do: 'startConsumer', consumer });
    await control.end(consumer, 'SIGTERM');
    return { consumer };
  },
};
export default stopConsumer;

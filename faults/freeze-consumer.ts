import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { consumerParams, consumersOf } from './support/consumers.ts';

/** The server takes it for slow, until wal_sender_timeout; what it had in hand it goes on with as if no time had passed. */
const freezeConsumer: Fault<z.infer<typeof consumerParams>> = {
  summary: 'Sends SIGSTOP to the process of a consumer, and SIGCONT to heal.',
  params: consumerParams,
  example: { consumer: 'feed' },
  targets: 'none',
  effects: { keepsLeader: true, servers: 'none' },
  needs: () => [],
  consumers: ({ consumer }) => [consumer],

  async inject(_targets, { consumer }, context) {
    context.undo({ do: 'thawConsumer', consumer });
    await consumersOf(context).freeze(consumer);
    return { consumer };
  },
};
export default freezeConsumer;

import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { consumerParams, consumersOf } from './support/consumers.ts';

/** A deployment that starts the new one before the old one has ended, or a host that was taken for dead. */
const secondConsumer: Fault<z.infer<typeof consumerParams>> = {
  summary: 'Starts a consumer once more, with the same slot and sink; ends that one to heal.',
  params: consumerParams,
  example: { consumer: 'feed' },
  targets: 'none',
  effects: { keepsLeader: true, servers: 'none' },
  needs: () => [],
  consumers: ({ consumer }) => [consumer],

  async inject(_targets, { consumer }, context) {
    context.undo({ do: 'endSecondConsumer', consumer });
    await consumersOf(context).startSecond(consumer);
    return { consumer };
  },
};
export default secondConsumer;

import { z } from 'zod';
import type { ConsumerControl, Fault, FaultContext, Undo } from '../../src/contracts/fault.ts';
import { lacks } from '../../src/std/errors.ts';

export const consumerParams = z.strictObject({
  consumer: z.string().describe('The name of the consumer in downstream.'),
});

/** Planning has refused scenarios without. */
export function consumersOf({ cluster, consumers }: FaultContext): ConsumerControl {
  return consumers ?? lacks({ name: cluster.id }, 'consumers');
}

interface ConsumerHarm {
  readonly summary: string;
  readonly undo: (consumer: string) => Undo;
  readonly harm: (control: ConsumerControl, consumer: string) => Promise<void>;
}

/** A fault of one consumer's process. */
export function consumerFault({
  summary,
  undo,
  harm,
}: ConsumerHarm): Fault<z.infer<typeof consumerParams>> {
  return {
    summary,
    params: consumerParams,
    example: { consumer: 'feed' },
    targets: 'none',
    effects: { keepsLeader: true, servers: 'none' },
    needs: () => [],
    consumers: ({ consumer }) => [consumer],

    async inject(_targets, { consumer }, context) {
      context.undo(undo(consumer));
      await harm(consumersOf(context), consumer);
      return { consumer };
    },
  };
}

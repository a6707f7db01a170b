import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import type { Json } from '../src/contracts/json.ts';
import { percentage } from '../src/std/units/units.ts';
import { byRules, cutKeys, injectCut, refineCut } from './support/cut.ts';

const params = z
  .strictObject({
    ...cutKeys,
    /** For each packet, in each direction: with 60% both ways, 16 % of requests get their answer. */
    loss: percentage
      .refine((percent) => percent > 0, 'must be above 0%')
      .describe('Probability that a packet is lost, in each direction: 60%.'),
  })
  .superRefine(refineCut);

/** A bad cable or an overloaded switch: TCP continues, slower and slower. The kernel draws the packets, not the seed. */
const packetLoss: Fault<z.infer<typeof params>> = {
  summary: 'Drops a random share of the packets between its targets and the rest.',
  ...byRules,
  params,
  example: { loss: '60%' },

  async inject(targets, { loss, ...cut }, context): Promise<Json> {
    const effect = { action: 'drop', probability: loss / 100 } as const;
    const done = await injectCut(targets, { cut, effect }, context);
    return { ...(done as Readonly<Record<string, Json>>), lossPercent: loss };
  },
};
export default packetLoss;

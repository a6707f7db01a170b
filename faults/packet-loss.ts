import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import type { Json } from '../src/contracts/json.ts';
import { percentage } from '../src/std/units/units.ts';
import { cutKeys, cutProblems, injectCut, refineCut, rulesLapse } from './support/cut.ts';

const params = z
  .strictObject({
    ...cutKeys,
    /** Of each packet on its own, in each direction: of 60% both ways, 16 % of questions get their answer. */
    loss: percentage
      .refine((percent) => percent > 0, 'must be above 0%')
      .describe('Chance of each packet to be lost, in each direction: 60%.'),
  })
  .superRefine(refineCut);

/** A bad cable or an overloaded switch: TCP goes on, slower and slower. The dice are the kernel's, not the seed's. */
const packetLoss: Fault<z.infer<typeof params>> = {
  summary: 'Drops a share of the packets between its targets and the rest, each by chance.',
  params,
  example: { loss: '60%' },
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['network'],
  problems: cutProblems,

  async inject(targets, { loss, ...cut }, context): Promise<Json> {
    const harm = { action: 'drop', probability: loss / 100 } as const;
    const done = await injectCut(targets, { cut, harm }, context);
    return { ...(done as Readonly<Record<string, Json>>), lossPercent: loss };
  },

  lapsed: (targets, _params, context) => rulesLapse(targets, context),
};
export default packetLoss;

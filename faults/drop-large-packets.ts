import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { size } from '../src/std/units/units.ts';
import { byRules, cutKeys, injectCut, refineCut } from './support/cut.ts';

/** Of IP itself: version 4 promises 68 bytes, and headers of TCP with its options take that much. */
const least = 68;
const most = 65_534;

const params = z
  .strictObject({
    ...cutKeys,
    above: size
      .refine((bytes) => bytes >= least && bytes <= most, `must be ${least}B to ${most}B`)
      .prefault('1200B')
      .describe('Packets above this size are dropped, headers of IP and TCP included: 1200B.'),
  })
  .superRefine(refineCut);

/**
 * A path with a smaller MTU than its ends believe, and no ICMP to tell them: small packets pass, large ones vanish. The kernel joins
 * packets of one connection before they leave and after they come in, and the size counted is that of the joined one.
 */
const dropLargePackets: Fault<z.infer<typeof params>> = {
  summary: 'Silently drops packets above a size between its targets and the rest.',
  ...byRules,
  params,
  inject: (targets, { above, ...cut }, context) =>
    injectCut(targets, { cut, effect: { action: 'drop', minBytes: above + 1 } }, context),
};
export default dropLargePackets;

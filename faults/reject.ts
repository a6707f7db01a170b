import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { byRules, cutKeys, injectCut, refineCut } from './support/cut.ts';

const params = z.strictObject(cutKeys).superRefine(refineCut);

/**
 * What a rejecting firewall does, or a machine whose server is gone: open connections end at once with a reset, and new
 * ones are refused at once. Only TCP. Unlike with a partition, connections fail without waiting for a timeout.
 */
const reject: Fault<z.infer<typeof params>> = {
  summary: 'Answers TCP packets between its targets and the rest with an immediate reset.',
  ...byRules,
  params,
  inject: (targets, cut, context) =>
    injectCut(targets, { cut, effect: { action: 'reject' } }, context),
};
export default reject;

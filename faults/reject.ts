import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import { cutKeys, cutProblems, injectCut, refineCut, rulesLapse } from './support/cut.ts';

const params = z.strictObject(cutKeys).superRefine(refineCut);

/**
 * What a firewall that says no does, or a machine whose server is gone: open connections end at once with a reset, new
 * ones are refused at once. Only TCP: nobody waits for a deadline, which is all the difference to a partition.
 */
const reject: Fault<z.infer<typeof params>> = {
  summary: 'Answers TCP packets between its targets and the rest with a reset, at once.',
  params,
  targets: 'nodes',
  effects: { servers: 'targets' },
  needs: () => ['network'],
  problems: cutProblems,
  inject: (targets, cut, context) =>
    injectCut(targets, { cut, harm: { action: 'reject' } }, context),

  lapsed: (targets, _params, context) => rulesLapse(targets, context),
};
export default reject;

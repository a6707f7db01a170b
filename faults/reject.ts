import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';
import {
  cutEnds,
  cutKeys,
  cutProblems,
  injectCut,
  proveRules,
  refineCut,
  rulesLapse,
} from './support/cut.ts';

const params = z.strictObject(cutKeys).superRefine(refineCut);

/**
 * What a rejecting firewall does, or a machine whose server is gone: open connections end at once with a reset, and new
 * ones are refused at once. Only TCP. Unlike with a partition, connections fail without waiting for a timeout.
 */
const reject: Fault<z.infer<typeof params>> = {
  summary: 'Answers TCP packets between its targets and the rest with an immediate reset.',
  params,
  targets: 'nodes',
  meetsProxies: () => true,
  effects: { servers: 'targets' },
  needs: () => ['network'],
  ends: cutEnds,
  problems: cutProblems,
  inject: (targets, cut, context) =>
    injectCut(targets, { cut, effect: { action: 'reject' } }, context),

  prove: (_targets, _params, context) => proveRules(context),
  lapsed: (targets, _params, context) => rulesLapse(targets, context),
};
export default reject;

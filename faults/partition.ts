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
import { injectSplit, splitEnds, splitKey, splitLapse, splitProblems } from './support/split.ts';

const params = z
  .strictObject({ ...cutKeys, split: splitKey })
  .superRefine(({ from, service, direction, split }, context) => {
    const addIssue = (key: string, message: string) => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    if (split === undefined) {
      refineCut({ from, service }, context);
      return;
    }
    if (from !== undefined) addIssue('from', 'cannot be combined with split');
    if (direction !== 'both') addIssue('direction', 'must be both with split');
    if (typeof split !== 'string' && split.flat().includes('dcs')) {
      refineCut({ from: 'dcs', service }, context);
    }
  });

/** Rules drop silently: sockets stay open and hang, as with a pulled cable or a dead switch. */
const partition: Fault<z.infer<typeof params>> = {
  summary: 'Silently drops packets between its targets and the rest, in both directions or one.',
  params,
  targets: 'nodes',
  // The rules of a split are on nodes.
  meetsProxies: ({ split }) => split === undefined,
  effects: { servers: 'targets' },
  needs: () => ['network'],

  ends: ({ from, service, split }) =>
    split === undefined ? cutEnds({ from, service }) : splitEnds(split, service),
  problems: ({ from, split }, nodeNames, load) =>
    split === undefined
      ? cutProblems({ from }, nodeNames, load)
      : splitProblems(split, nodeNames, load),

  inject(targets, { split, ...cut }, context) {
    if (split !== undefined) return injectSplit(targets, { ...cut, split }, context);
    return injectCut(targets, { cut, effect: { action: 'drop' } }, context);
  },

  prove: (_targets, _params, context) => proveRules(context),
  lapsed: (targets, { split, service }, context) =>
    split === undefined
      ? rulesLapse(targets, context)
      : splitLapse(targets, { split, service }, context),
};
export default partition;

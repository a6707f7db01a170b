import { countCheck } from './support/count-check.ts';
import type { DownstreamResult } from '../contracts/result.ts';
import { consumerSum } from './support/consumer-sum.ts';

const isFollowed = ({ consumer = 'cdc' }: DownstreamResult) => consumer === 'cdc';

/** A consumer that names its gap may miss writes; one that goes on without a word may not. */
export default countCheck({
  summary: 'Writes that a consumer passed over without naming a gap, of all consumers.',
  noun: 'writes skipped without a word',
  isOfDownstream: true,
  byDefault: '0',
  // Of others it cannot be told whether they named a gap.
  isRecorded: ({ downstream = [] }) => downstream.some(isFollowed),
  measure: ({ result: { downstream = [] } }) => {
    const followed = downstream.filter(isFollowed);
    return followed.length === 0
      ? null
      : consumerSum({ downstream: followed }, ({ skipped }) => skipped);
  },
});

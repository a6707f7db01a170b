import { countCheck } from './support/count-check.ts';
import { consumerSum } from './support/consumer-sum.ts';

/** A consumer that names its gap may miss writes; one that goes on without a word may not. */
export default countCheck({
  summary: 'Writes that a consumer passed over without naming a gap, of all consumers.',
  noun: 'writes skipped without a word',
  isOfDownstream: true,
  byDefault: '0',
  isRecorded: ({ downstream }) => downstream !== undefined,
  measure: ({ result }) => consumerSum(result, ({ skipped }) => skipped),
});

import { countCheck } from './support/count-check.ts';
import { consumerSum } from './support/consumer-sum.ts';

export default countCheck({
  summary: 'Ranges of WAL that consumers said they cannot deliver, of all consumers.',
  noun: 'gaps named by consumers',
  isOfDownstream: true,
  measure: ({ result }) => consumerSum(result, ({ gaps }) => gaps.length),
});

import { countCheck } from './support/count-check.ts';
import { consumerSum } from './support/consumer-sum.ts';

export default countCheck({
  summary: 'Deliveries to sinks beyond the first of each write, of all consumers.',
  noun: 'duplicate deliveries',
  isOfDownstream: true,
  measure: ({ result }) => consumerSum(result, ({ duplicates }) => duplicates),
});

import { countCheck } from './support/count-check.ts';
import { consumerSum } from './support/consumer-sum.ts';

export default countCheck({
  summary: 'Writes on the final primary that are in no sink they belong to, of all consumers.',
  noun: 'writes not delivered',
  isOfDownstream: true,
  measure: ({ result }) => consumerSum(result, ({ missing }) => missing),
});

import { countCheck } from './support/count-check.ts';
import { consumerSum } from './support/consumer-sum.ts';

export default countCheck({
  summary: 'Writes that were delivered after one that was committed later, of all consumers.',
  noun: 'writes delivered out of order',
  isOfDownstream: true,
  measure: ({ result }) => consumerSum(result, ({ outOfOrder }) => outOfOrder),
});

import { countCheck } from './support/count-check.ts';
import { consumerSum } from './support/consumer-sum.ts';

export default countCheck({
  summary: 'Writes that were delivered and are not on the final primary, of all consumers.',
  noun: 'phantoms delivered',
  isOfDownstream: true,
  measure: ({ result }) => consumerSum(result, ({ phantoms }) => phantoms),
});

import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Acknowledged writes that are not on the final primary, updates included.',
  noun: 'acknowledged writes lost',
  byDefault: '0',
  measure: ({ result: { writes } }) =>
    writes.lost === null || writes.lostUpdates === null ? null : writes.lost + writes.lostUpdates,
});

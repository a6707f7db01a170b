import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Rows that are present more than once.',
  noun: 'duplicated rows',

  byDefault: '0',
  measure: ({ result }) => result.writes.duplicated,
});

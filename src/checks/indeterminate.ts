import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Writes of which nobody can say whether they were made.',
  noun: 'indeterminate writes',

  measure: ({ result }) => result.writes.indeterminate,
});

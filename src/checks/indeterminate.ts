import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Writes whose outcome the client does not know.',
  noun: 'indeterminate writes',

  measure: ({ result }) => result.writes.indeterminate,
});

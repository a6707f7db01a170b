import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Writes of which nobody could say whether they were made, and that turned out to be.',
  noun: 'recovered writes',

  measure: ({ result }) => result.writes.recovered,
});

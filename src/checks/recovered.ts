import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Writes with an unknown outcome that are on the final primary.',
  noun: 'recovered writes',

  measure: ({ result }) => result.writes.recovered,
});

import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Writes on the final primary that the server had refused, or that were never sent.',
  noun: 'unexpected writes',

  byDefault: '0',
  measure: ({ result }) => result.writes.unexpected,
});

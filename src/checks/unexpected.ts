import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Writes on the final primary that the server said it had not made, or that nobody sent.',
  noun: 'unexpected writes',

  byDefault: '0',
  measure: ({ result }) => result.writes.unexpected,
});

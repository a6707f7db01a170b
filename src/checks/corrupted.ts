import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Rows whose content is not what was sent.',
  noun: 'corrupted rows',

  byDefault: '0',
  measure: ({ result }) => result.writes.corrupted,
});

import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Writes lost that COMMIT had answered with a warning: on the primary only.',
  noun: 'localOnly writes lost',

  measure: ({ result }) => result.writes.lostLocalOnly,
});

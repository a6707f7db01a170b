import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Lost writes whose COMMIT was acknowledged with a warning: on the primary only.',
  noun: 'localOnly writes lost',

  measure: ({ result }) => result.writes.lostLocalOnly,
});

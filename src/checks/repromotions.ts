import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'How often a primary was demoted and promoted again itself, on a new timeline.',
  noun: 'repromotions',

  measure: ({ result }) =>
    result.leaderChanges?.filter(({ how }) => how === 'repromotion').length ?? null,
});

import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary:
    'How often a primary ended or was demoted, and was itself promoted again, on a new timeline.',
  noun: 'repromotions',

  measure: ({ result }) =>
    result.leaderChanges?.filter(({ how }) => how === 'repromotion').length ?? null,
  measureWindow: ({ repromotions }) => repromotions,
});

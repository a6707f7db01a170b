import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'Promotions of another node that nobody had asked for.',
  noun: 'failovers',

  measure: ({ result }) => result.failovers,
});

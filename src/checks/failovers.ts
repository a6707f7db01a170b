import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary:
    'How often another node took over and nobody had asked for it, a lock that was taken included.',
  noun: 'failovers',

  measure: ({ result }) => result.failovers,
});

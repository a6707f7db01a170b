import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary:
    'How often another node took over without a request for it, including a lock that was taken over.',
  noun: 'failovers',

  measure: ({ result }) => result.failovers,
  measureWindow: ({ failovers }) => failovers,
});

import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'The longest time in the load without an acknowledged write.',
  noun: 'longest outage',
  kind: 'duration',
  example: '< 15s',

  measure: ({ result }) => result.outage.longestMs,
  measureWindow: ({ outageMs }) => outageMs,
});

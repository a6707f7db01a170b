import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'The longest time from an acknowledgement to the commit of a sink, of all consumers.',
  noun: 'longest delivery lag',
  kind: 'duration',
  example: '< 5s',
  isOfDownstream: true,
  measure: ({ result: { downstream } }) => {
    const lags = (downstream ?? []).map(({ longestLagMs }) => longestLagMs);
    const known = lags.filter((lag) => lag !== null);
    return known.length < lags.length || lags.length === 0 ? null : Math.max(...known);
  },
});

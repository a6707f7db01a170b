import { countCheck } from 'forkpoint/extension';

/** `p99: < 50ms`: of the slowest kind of operation. */
export default countCheck({
  summary: 'The 99th percentile of latency, from the intended start of an operation to its answer.',
  noun: '99th percentile of latency',
  kind: 'duration',
  example: '< 50ms',
  // null: nothing was acknowledged, so the verdict is unknown and never a pass.
  measure: ({ result }) => {
    const slowest = Object.values(result.throughput.latencyMs).map(({ p99 }) => p99);
    return slowest.length === 0 ? null : Math.max(...slowest);
  },
});

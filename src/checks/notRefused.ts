import type { Injection } from '../contracts/result.ts';
import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary: 'How many requests were carried out although their step says `expect: refused`.',
  noun: 'requests carried out that should have been refused',
  byDefault: '0',
  // Only where a step expects it.
  isRecorded: ({ faults }) => faults.some(isRefusalExpected),

  measure({ result }) {
    const asked = result.faults.filter(isRefusalExpected);
    if (asked.length === 0) return null;
    const answers = asked.map(({ isNotCarriedOut, inForceAtMs }) => {
      if (isNotCarriedOut) return 0;
      return inForceAtMs === null ? null : 1;
    });
    return answers.reduce<number | null>(
      (sum, answer) => (sum === null || answer === null ? null : sum + answer),
      0,
    );
  },
});

function isRefusalExpected({ expected }: Injection): boolean {
  return expected === 'refused';
}

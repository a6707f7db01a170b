import type { SplitBrain } from '../contracts/result.ts';
import { countCheck } from './support/count-check.ts';

export default countCheck({
  summary:
    'Writes acknowledged while two nodes at once were primary and both acknowledged: two histories that no one of them has whole.',
  noun: 'writes acknowledged by both of two primaries',
  measure: ({ result: { splitBrains } }) => {
    const counts = splitBrains?.map(byBoth);
    if (!counts || counts.includes(null)) return null;
    return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  },
});

/** null: who acknowledged them is unknown. */
function byBoth({ acknowledged }: SplitBrain): number | null {
  if (!acknowledged) return null;
  const all = acknowledged.reduce((sum, { writes }) => sum + writes, 0);
  const known = acknowledged.filter(({ node }) => node !== null);
  if (known.length > 1) return all;
  // A proxy hid the server: it may be the other one.
  return known.length < acknowledged.length && all > 0 ? null : 0;
}

import type { Result, SplitBrain } from '../../contracts/result.ts';
import { grouped, seconds } from './format.ts';

const shown = 100;

export const splitBrainHead = ['Primaries at once', 'From', 'To', 'Writes acknowledged meanwhile'];

export function splitBrainRows({ splitBrains }: Pick<Result, 'splitBrains'>): string[][] {
  return (splitBrains ?? [])
    .slice(0, shown)
    .map((found) => [
      found.nodes.join(', '),
      seconds(found.fromMs),
      seconds(found.untilMs),
      acknowledgedWords(found),
    ]);
}

function acknowledgedWords({ acknowledged }: SplitBrain): string {
  if (acknowledged === null) return 'unknown: journals are missing';
  if (acknowledged.length === 0) return 'none';
  return acknowledged
    .map(({ node, writes }) => `${grouped(writes)} by ${node ?? 'a server that a proxy hid'}`)
    .join(', ');
}

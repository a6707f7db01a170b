import type { Result, UnplannedChange } from '../../contracts/result.ts';
import { grouped, listed, shownRange } from './format.ts';

const toldOf = 3;

export const unplannedWords = {
  ended: 'ended and did not start again',
  restarted: 'ended and started again',
  crashed: 'had all its processes ended and restarted by its postmaster',
} as const satisfies Record<UnplannedChange['what'], string>;

/** The servers that ended or started without a step of the run, in one sentence; none if there were none. */
export function unplannedSentences({ unplanned }: Pick<Result, 'unplanned'>): readonly string[] {
  const all = unplanned ?? [];
  if (all.length === 0) return [];
  const rest = all.length - toldOf;
  const told = all
    .slice(0, toldOf)
    .map(
      ({ node, what, fromMs, untilMs }) =>
        `PostgreSQL on ${node} ${unplannedWords[what]} between ${shownRange(fromMs, untilMs)}`,
    );
  const each = listed([...told, ...(rest > 0 ? [`${grouped(rest)} more did`] : [])]);
  return [`${each}, and no step of the run explains it.`];
}

import type { Measured, Verdict } from '../contracts/evidence.ts';
import { messageOf } from '../std/errors.ts';
import { areLeast } from '../std/units/lower-bound.ts';

/** What a check says of a run that can be judged, if it does not fail itself. */
export function guarded(name: string, result: Measured, check: () => Verdict): Verdict {
  const open = notJudged(result);
  if (open !== undefined) {
    return { status: 'unknown', summary: `${name}: ${open}`, measured: null };
  }
  try {
    return check();
  } catch (error) {
    const summary = `${name}: the check itself failed: ${messageOf(error)}`;
    return { status: 'unknown', summary, measured: null };
  }
}

/** Why no check of this run can be judged; undefined when they can. */
function notJudged(result: Measured): string | undefined {
  if (areLeast(result)) return 'unknown, for the journals are not whole';
  return hasWrites(result) ? undefined : 'not judged';
}

export function hasWrites({ writes }: Measured): boolean {
  return writes.acknowledged !== null && writes.acknowledged > 0;
}

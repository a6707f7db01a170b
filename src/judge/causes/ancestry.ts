import type { ReadBack } from '../../contracts/evidence.ts';
import { lsnNumber } from '../../std/units/lsn.ts';

/** The history that the final primary's rows stand on: everything else was left behind. */
export interface Ancestry {
  readonly node: string;
  readonly timeline: number;
  /** Ancestor timeline -> LSN at which the history leaves it. */
  readonly leftAt: ReadonlyMap<number, number>;
}

/** Undefined when the primary's timeline or its history file could not be read: then nothing can be attributed. */
export function ancestryOf(readBack: ReadBack): Ancestry | undefined {
  const primary = readBack.nodes.find(({ node }) => node === readBack.primary);
  const timeline = primary?.timeline;
  if (!primary || timeline === undefined) return undefined;
  const file = readBack.history.find((history) => history.timeline === timeline);
  if (!file && timeline !== 1) return undefined;
  const ancestors = file?.ancestors ?? [];
  const leftAt = new Map(ancestors.map((each) => [each.timeline, lsnNumber(each.lsn)]));
  return { node: primary.node, timeline, leftAt };
}

/** Where the final history leaves a timeline: Infinity for the final one, undefined for one it never was on. */
export function leavesAt(ancestry: Ancestry, timeline: number): number | undefined {
  return timeline === ancestry.timeline ? Infinity : ancestry.leftAt.get(timeline);
}

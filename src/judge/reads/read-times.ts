import type { ReadTimes } from '../../contracts/observation.ts';
import type { ReadDurations, ReadsResult } from '../../contracts/result.ts';
import { ReadStretch } from '../../evidence/figures/read-stretch.ts';

/** How long reads took after the warm-up; nothing where no version measured it. */
export function readDurationsOf(
  times: readonly ReadTimes[] | undefined,
  warmupMs: number,
): Pick<ReadsResult, 'times'> {
  if (!times) return {};
  const readers = durationsOf(
    times.filter(({ by }) => by === 'reader'),
    warmupMs,
  );
  const clients = durationsOf(
    times.filter(({ by }) => by === 'client'),
    warmupMs,
  );
  return { times: { ...(readers && { readers }), ...(clients && { clients }) } };
}

/** Undefined without one. A second that the warm-up ends in belongs to it. */
export function durationsOf(
  times: readonly ReadTimes[],
  warmupMs: number,
): ReadDurations | undefined {
  const measured = times.filter(({ second }) => second * 1000 >= warmupMs);
  if (measured.length === 0) return undefined;
  const all = new ReadStretch();
  for (const each of measured) all.add(each);
  return all.summary();
}

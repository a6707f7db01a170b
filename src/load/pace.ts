import { groupsOfLoad, isWriterOf } from '../scenario/words/groups.ts';
import { rateProfile } from '../scenario/words/rate-profile.ts';
import type { PacingOptions } from './pacing.ts';
import type { WorkerSpec } from './protocol.ts';

/** Writers of one route in one worker: `first` .. `first + writers - 1`. */
interface Share {
  readonly first: number;
  readonly writers: number;
}

/**
 * One route has the whole schedule, which the workers share; of several, each has its clients' share of the rate. The
 * operations of all shares are those of the load.
 */
export function paceOf(
  { routes, load, worker, workers }: Pick<WorkerSpec, 'routes' | 'load' | 'worker' | 'workers'>,
  { first, writers }: Share,
): Omit<PacingOptions, 'clock'> {
  const group = groupsOfLoad(load).find((each) => isWriterOf(first, each));
  if (group) {
    // A group has a schedule of its own, and each worker its clients' share.
    const own = rateProfile(group);
    const durationUs = load.durationMs * 1000;
    return { profile: own, durationUs, first: 0, every: group.clients / writers };
  }
  const { operations, clients } = load;
  const profile = rateProfile(load);
  const common = { profile, durationUs: load.durationMs * 1000 };
  if (profile && routes.length === 1) {
    const own = operations === undefined ? undefined : Math.ceil((operations - worker) / workers);
    return { ...common, first: worker, every: workers, operations: own };
  }
  const sharedUpTo = (writer: number) => Math.floor(((operations ?? 0) * writer) / clients);
  const own =
    operations === undefined ? undefined : sharedUpTo(first + writers) - sharedUpTo(first);
  return { ...common, first: 0, every: clients / writers, operations: own };
}

/** The same schedule without what is due by then. */
export function from(
  pace: Omit<PacingOptions, 'clock'>,
  nowUs: number,
): Omit<PacingOptions, 'clock'> {
  const { profile, first, every } = pace;
  if (!profile) return pace;
  const missed = Math.max(0, Math.ceil((profile.offeredBy(nowUs) - first) / every));
  return { ...pace, first: first + missed * every };
}

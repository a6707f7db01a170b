import type { RunEvent } from '../../contracts/evidence.ts';
import type { OutageMoment } from '../../contracts/result.ts';
import { lockLoss } from './lock-loss.ts';

interface Evidence {
  readonly events: readonly RunEvent[];
  readonly originMs: number;
  readonly logged: readonly OutageMoment[];
}

/** Milliseconds since the start of the load. */
interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** When the lock was lost and taken, by the watcher; by the new leader's log where that is earlier, for it is no reading late. */
export function lockMoments(
  window: Window,
  { events, originMs, logged }: Evidence,
): readonly OutageMoment[] {
  const loss = lockLoss(events, originMs, window);
  if (!loss) return [];
  const { lostAtMs, takenAtMs } = loss;
  const holder = leaderAt(events, originMs, window.fromMs);
  const lost = { what: 'lockLost', atMs: lostAtMs, node: holder, by: 'topology' } as const;
  if (takenAtMs === null) return [lost];
  const node = leaderAt(events, originMs, takenAtMs);
  const own = logged.find(
    (each) =>
      each.what === 'lockTaken' &&
      each.node === node &&
      each.atMs >= window.fromMs &&
      each.atMs <= takenAtMs,
  );
  const taken = own ?? ({ what: 'lockTaken', atMs: takenAtMs, node, by: 'topology' } as const);
  return [{ ...lost, atMs: Math.min(lostAtMs, taken.atMs) }, taken];
}

function leaderAt(events: readonly RunEvent[], originMs: number, atMs: number): string | null {
  const last = events.findLast(
    (event) =>
      event.type === 'topology' &&
      event.topology.isLockUnknown !== true &&
      Math.round(event.atMs - originMs) <= atMs,
  );
  return (last?.type === 'topology' ? last.topology.leader : undefined) ?? null;
}

/** The steps of a node's promotion, by its log; the topology shows only that it is a primary on another timeline. */
export function promotionMoments(
  node: string | null,
  { fromMs, untilMs }: Window,
  { logged, events, originMs }: Evidence,
): readonly OutageMoment[] {
  const own = logged.filter(
    (each) =>
      each.node === node &&
      each.by === 'postgresLog' &&
      fromMs <= each.atMs &&
      each.atMs <= untilMs,
  );
  if (node === null || own.some(({ what }) => what === 'newTimeline')) return own;
  const looks = events.flatMap((event) => {
    const member =
      event.type === 'topology' && event.topology.members.find((each) => each.node === node);
    return member ? [{ ...member, atMs: Math.round(event.atMs - originMs) }] : [];
  });
  const before = looks.findLast(({ atMs }) => atMs <= fromMs)?.timeline;
  const seen = looks.find(
    ({ atMs, role, timeline }) =>
      fromMs < atMs && atMs <= untilMs && role === 'primary' && timeline !== before,
  );
  return seen ? [...own, { what: 'newTimeline', atMs: seen.atMs, node, by: 'topology' }] : own;
}

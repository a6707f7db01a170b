import type { Topology } from '../../contracts/cluster.ts';
import type { RunEvent } from '../../contracts/evidence.ts';
import type { OutageMoment } from '../../contracts/result.ts';

/**
 * When a replica streamed from the primary again, and when all did, after a moment of the load at or after which one did not.
 * None where every replica streamed all the time.
 */
export function redundancyMoments(
  events: readonly RunEvent[],
  originMs: number,
  fromMs: number,
): readonly OutageMoment[] {
  const looks = events.flatMap((event) =>
    event.type === 'topology'
      ? [{ atMs: event.atMs - originMs, ...following(event.topology) }]
      : [],
  );
  const current = looks.findLastIndex(({ atMs }) => atMs <= fromMs);
  const since = looks.slice(Math.max(0, current));
  const broken = since.findIndex(({ streaming, others }) => streaming.length < others);
  if (broken === -1) return [];
  const after = since.slice(broken).filter(({ atMs }) => atMs > fromMs);
  const nothing = after.findIndex(({ streaming }) => streaming.length === 0);
  const one = after.slice(Math.max(0, nothing)).find(({ streaming }) => streaming.length > 0);
  const all = after.find(({ streaming, others }) => others > 0 && streaming.length === others);
  const moment = (what: OutageMoment['what'], at: typeof one): readonly OutageMoment[] =>
    at ? [{ what, atMs: Math.round(at.atMs), node: at.streaming[0] ?? null, by: 'topology' }] : [];
  return [
    ...moment('replicaStreams', one),
    ...moment('fullRedundancy', all).map((each) => ({ ...each, node: null })),
  ];
}

/** Who streams on the timeline of the primary that holds the lock, of how many other members. */
function following({ leader, members }: Topology) {
  const primary = members.find(({ node, role }) => node === leader && role === 'primary');
  const streaming = members.filter(
    ({ role, isStreaming, timeline }) =>
      role === 'replica' && isStreaming === true && timeline === primary?.timeline,
  );
  return {
    streaming: primary ? streaming.map(({ node }) => node) : [],
    others: members.length - 1,
  };
}

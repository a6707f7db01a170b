import type { RunEvent } from '../../contracts/evidence.ts';
import type { UnseenStretch } from '../../contracts/result.ts';
import { seconds } from '../../std/units/shown.ts';

/**
 * When a source besides the servers gave no answer, from the events of its watch.
 * Units: milliseconds since `originMs`, the start of the load, on the events' clock.
 */
export function unseenStretches(
  events: readonly RunEvent[],
  originMs: number,
): readonly UnseenStretch[] {
  const edges = events.filter((event) => event.type === 'unseen');
  return edges.flatMap((event, index) => {
    if (event.edge !== 'begin') return [];
    const { source, what, agoMs, atMs } = event;
    const end = edges[index + 1];
    const isEnded = end?.edge === 'end';
    return [
      {
        source,
        what,
        fromMs: Math.round(atMs - agoMs - originMs),
        untilMs: isEnded ? Math.round(end.atMs - originMs) : null,
        replaced: isEnded ? end.replaced : null,
      },
    ];
  });
}

export function unseenSentence({ source, what, fromMs, untilMs, replaced }: UnseenStretch): string {
  const until = untilMs === null ? 'to the end' : `to ${seconds(untilMs)}`;
  const changed =
    replaced === null || replaced.length === 0
      ? ''
      : `. Replaced in that time: ${replaced.join(', ')}`;
  return `${source} gave no answer from ${seconds(fromMs)} ${until}: ${what}${changed}`;
}

import { receiveMarks } from '../evidence/marks/marks.ts';
import type { EventLog } from '../evidence/events/event-log.ts';

/** A mark that took longer comes from a clock that is not ours: another host that shares the folder. */
const longestMs = 10_000;

/** Makes events of the marks that other processes hand to a run, with the time at which they were made. */
export function noteMarks(directory: string, events: Pick<EventLog, 'emit'>): AsyncDisposable {
  return receiveMarks(directory, ({ id, text, ns }) => {
    const agoMs = Number(process.hrtime.bigint() - BigInt(ns)) / 1e6;
    const isOurs = agoMs >= 0 && agoMs <= longestMs;
    events.emit({ type: 'mark', text, id, agoMs: isOurs ? Math.round(agoMs) : 0 });
  });
}

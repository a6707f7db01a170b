import type { EventLog } from '../evidence/events/event-log.ts';
import { EnvironmentError } from '../std/errors.ts';

/** Errors: EnvironmentError when the run's folder is gone, with what else went wrong, for no file can say it. */
export function requireFolder(events: EventLog, problems: Iterable<string>): void {
  events.look();
  if (!events.isRemoved || !events.failure) return;
  const { message } = events.failure;
  const others = [...problems].filter((problem) => problem !== message);
  const besides = others.length === 0 ? '' : ` Besides: ${others.join('; ')}.`;
  throw new EnvironmentError(`${message}${besides}`, { cause: events.failure });
}

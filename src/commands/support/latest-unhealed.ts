import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import { readEvents } from '../../evidence/events/event-log.ts';
import { leftOf } from '../../nemesis/heal-leftovers.ts';
import { isUnderWay } from '../../evidence/store/is-run-active.ts';

/**
 * The latest run with faults still in force; undefined when there is none. Skips live runs, which heal their faults
 * themselves.
 */
export function latestUnhealed(reports: string): string | undefined {
  // Folders are named by time, in UTC.
  const runs = globSync('*/*/plan.json', { cwd: reports })
    .map((plan) => path.join(reports, path.dirname(plan)))
    .filter((directory) => path.basename(directory) !== 'latest')
    .sort((a, b) => path.basename(b).localeCompare(path.basename(a)));
  return runs.find((directory) => {
    const file = path.join(directory, 'events.jsonl');
    if (!existsSync(file)) return false;
    const { events } = readEvents(file);
    return leftOf({ directory, events }).length > 0 && !isUnderWay(directory, events);
  });
}

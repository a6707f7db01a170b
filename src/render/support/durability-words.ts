import type { Durability } from '../../contracts/durability.ts';
import { promised } from './sentences.ts';

/** What decides whether a commit is on disk, and on which machines. */
const behindThePromise = [
  ...['fsync', 'full_page_writes', 'data_sync_retry', 'wal_sync_method', 'synchronous_commit'],
  ...['synchronous_standby_names'],
];

/** `fsync on, full_page_writes on (pg2: off), ...`: the settings behind the promise, as they were in force; '' if none was read. */
export function settingsBehind({ rows }: Durability): string {
  return rows
    .filter(({ setting }) => behindThePromise.includes(setting))
    .map(({ setting, value, differs }) => {
      const others = differs.map(({ node, value: other }) => `${node}: ${other || "''"}`);
      return `${setting} ${value}${others.length === 0 ? '' : ` (${others.join(', ')})`}`;
    })
    .join(', ');
}

/** The promise of a run's settings and what it rests on, in a sentence. */
export function promiseWithSettings(durability: Durability): string {
  const settings = settingsBehind(durability);
  const ran = settings === '' ? '' : `; it ran with ${settings}`;
  return `a failover or a crash may lose ${promised(durability)}${ran}`;
}

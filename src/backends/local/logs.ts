import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { hostPath } from './enter.ts';
import { allPlaces, labFolder } from './layout.ts';
import type { LabRecord } from './record.ts';

/** Copies every daemon's log to directory/<place>/: patroni.log, postgres.log, etcd.log. */
export async function collectLogs(record: LabRecord, directory: string): Promise<void> {
  const hosts = allPlaces(record.layout).map(({ name }) => name);
  const copies = [...hosts, 'relay', 'names'].map(async (place) => {
    for (const file of await logFiles(record, place)) {
      const target = path.join(directory, place);
      await mkdir(target, { recursive: true });
      await cp(file, path.join(target, path.basename(file)));
    }
  });
  await Promise.all(copies);
}

/** The last lines of a node's logs, for the message of a failed boot. */
export async function lastLines(record: LabRecord, place: string, count: number): Promise<string> {
  const files = await logFiles(record, place);
  // etcd logs a lot, and is the cause only if no other program logged anything.
  const telling = files.filter((file) => !file.endsWith('/etcd.log'));
  const tails = (telling.length > 0 ? telling : files).map(async (file) => {
    // Indented lines are inside a traceback, and would push out the lines before it.
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => /^\S/.test(line));
    return [`--- ${place} ${path.basename(file)}`, ...lines.slice(-count)].join('\n');
  });
  return (await Promise.all(tails)).join('\n');
}

async function logFiles(record: LabRecord, place: string): Promise<readonly string[]> {
  const folder = hostPath(record, `${labFolder}/${place}`);
  const names = await readdir(folder).catch(() => [] as string[]);
  // Patroni rotates its log to patroni.log.1 and so on.
  return names.filter((name) => /\.log(\.\d+)?$/.test(name)).map((name) => path.join(folder, name));
}

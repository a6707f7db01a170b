import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { streamLines } from './stream-lines.ts';

/** What one program on one node logged. */
export interface NodeLog {
  readonly node: string;
  /** As the file is called: patroni, postgres, etcd. */
  readonly program: string;
  /** Oldest first; each call reads the files again. */
  readonly lines: () => Iterable<string>;
}

/** The logs in a run's folder: `logs/NODE/PROGRAM.log`, and `PROGRAM.log.1`, which is older. Empty: the run kept none. */
export function findLogs(directory: string): readonly NodeLog[] {
  const logs = path.join(directory, 'logs');
  if (!existsSync(logs)) return [];
  return readdirSync(logs, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: node }) => logsOf(node, path.join(logs, node)));
}

function logsOf(node: string, folder: string): readonly NodeLog[] {
  const parts = readdirSync(folder).flatMap((file) => {
    const [, program, age = '0'] = /^(.+?)[.]log(?:[.](\d+))?$/.exec(file) ?? [];
    return program === undefined ? [] : [{ file, program, age: Number(age) }];
  });
  const programs = [...new Set(parts.map(({ program }) => program))].sort();
  return programs.map((program) => {
    const own = parts.filter((part) => part.program === program).sort((a, b) => b.age - a.age);
    const files = own.map(({ file }) => path.join(folder, file));
    return { node, program, lines: () => streamLines(files) };
  });
}

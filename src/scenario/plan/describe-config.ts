import path from 'node:path';
import type { Replacement } from '../../contracts/own-patroni.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { plain } from '../../std/plain.ts';

/** What a lab runs otherwise than the user's own configuration says, one line each; none without one. */
export function describeConfig({ config }: ClusterSpec): readonly string[] {
  if (!config?.read) return [];
  const { file, read } = config;
  const count = read.replaced.length;
  const head = `${plain(file)} (sha256 ${read.digest.slice(0, 12)})`;
  if (count === 0) return [`${head}: runs as it is`];
  return [
    `${head}: ${count} ${count === 1 ? 'entry' : 'entries'} that a lab runs otherwise:`,
    ...read.replaced.map((entry) => `  ${describeReplacement(entry, path.basename(file))}`),
  ];
}

/** `patroni.yml:14: postgresql.data_dir: data/node1 -> ...: of the lab itself` */
export function describeReplacement(
  { key, line, given, instead, why }: Replacement,
  file: string,
): string {
  const where = line === null ? file : `${file}:${line}`;
  const left = given === '' ? '' : ` ${given}`;
  const change = given === '' ? ` ${instead ?? 'not used'}` : `${left} -> ${instead ?? 'left out'}`;
  return plain(`${where}: ${key}:${change} (${why})`);
}

import path from 'node:path';
import type { Result } from '../../contracts/result.ts';

export const configurationColumns = ['line', 'key', 'your file', 'in the lab', 'why'];

/** The entries of the user's own configuration that the lab ran otherwise. */
export function configurationRows({ configuration }: Result): readonly (readonly string[])[] {
  return (configuration?.replaced ?? []).map(({ key, line, given, instead, why }) => [
    line === null ? '' : String(line),
    key,
    given,
    instead ?? 'not used',
    why,
  ]);
}

/** `patroni.yml (sha256 0123456789ab)` */
export function configurationName({ configuration }: Result): string {
  if (!configuration) return '';
  return `${path.basename(configuration.file)} (sha256 ${configuration.digest.slice(0, 12)})`;
}

import { rowChecksum } from '../../pg/checksum.ts';
import { seededRandom } from '../../std/random.ts';
import { type RowIdentity, sealedPayload } from '../support/payload.ts';

/** The columns of a record beside the tracked ones, as a client makes them; two more are the server's times. */
export const fields = ['name', 'email', 'age', 'address', 'phone', 'status', 'score'] as const;

export interface Record {
  /** In the order of `fields`. */
  readonly values: readonly (string | number)[];
  /** All of them, each followed by `|`, and then the data: so the checksum covers every column. */
  readonly payload: string;
  readonly checksum: bigint;
}

export const firstNames =
  'Ada Ben Clara Dmitri Elif Finn Grace Hugo Ines Jonas Kaja Luis Mina Noah Olga Paul'.split(' ');
const lastNames =
  'Abbott Bauer Costa Dubois Eriksen Fischer Garcia Huber Ivanov Jensen Kaya Lindt Moreau Novak'.split(
    ' ',
  );
const streets = ['Main Street', 'Harbour Road', 'Mill Lane', 'Station Square'];
export const statuses = ['new', 'active', 'blocked', 'closed'];
export const mostScore = 9999;

/** A record's name and e-mail address stay the same in all versions; the rest changes. */
export function recordOf(row: RowIdentity, dataBytes: number): Record {
  const { seed, writer, seq, version } = row;
  const stays = seededRandom(seed, `record ${writer} ${seq}`);
  const first = pick(firstNames, stays);
  const last = pick(lastNames, stays);
  const changes = seededRandom(seed, `record ${writer} ${seq} ${version}`);
  const values = [
    `${first} ${last}`,
    `${first}.${last}.${writer}.${seq}@example.com`.toLowerCase(),
    18 + below(80, changes),
    `${1 + below(200, changes)} ${pick(streets, changes)}`,
    `+49 30 ${1_000_000 + below(9_000_000, changes)}`,
    pick(statuses, changes),
    below(mostScore + 1, changes),
  ];
  const payload = `${values.join('|')}|${sealedPayload(row, dataBytes).payload}`;
  return { values, payload, checksum: rowChecksum(Buffer.from(payload, 'latin1'), row) };
}

function pick(from: readonly string[], random: () => number): string {
  return from[below(from.length, random)] ?? '';
}

function below(limit: number, random: () => number): number {
  return Math.floor(random() * limit);
}

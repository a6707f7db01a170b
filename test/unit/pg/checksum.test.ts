import { beforeAll, describe, expect, it } from 'vitest';
import {
  hashInt8Extended,
  hashTextExtended,
  rowChecksum,
  rowHash,
} from '../../../src/pg/checksum.ts';
import { connect } from '../../../src/pg/connect.ts';
import type { Session } from '../../../src/pg/session.ts';
import { seededRandom } from '../../../src/std/random.ts';
import { ownedBySuite } from '../../helpers/owned-by-suite.ts';
import { startPostgres, type PostgresServer } from '../../helpers/postgres.ts';

let server: PostgresServer;
let session: Session;

const owned = ownedBySuite();
beforeAll(async () => {
  server = owned.use(await startPostgres({ parameters: { fsync: 'off' } }));
  session = owned.use(
    await connect(server.endpoint, server.credentials, { connectTimeoutMs: 5_000 }),
  );
});

const random = seededRandom(7, 'checksum');
const int32 = () => (random() * 2 ** 32) | 0;
const bigintOf = (high: number, low: number) =>
  (BigInt(high) << 32n) | BigInt.asUintN(32, BigInt(low));

/** Every length 0..300 several times over, ASCII and beyond, a tenth of them with seed 0. */
function randomTexts() {
  return Array.from({ length: 4_000 }, (_, index) => {
    const length = index % 301;
    const alphabet = index % 5 === 0 ? 'aé€😀' : '~ azAZ09';
    const letters = Array.from(alphabet);
    const text = Array.from({ length }, () => letters[(random() * letters.length) | 0]).join('');
    const isUnseeded = index % 10 === 3;
    return { text, high: isUnseeded ? 0 : int32(), low: isUnseeded ? 0 : int32() };
  });
}

describe('the checksum of a row', () => {
  it('hashes texts of 0 to 300 characters exactly as hashtextextended does', async () => {
    const inputs = randomTexts();
    const rows = await session.rows<{ hash: string }>(
      `select hashtextextended(t, s) as hash
         from unnest($1::text[], $2::int8[]) with ordinality as u(t, s, n) order by n`,
      [
        inputs.map((input) => input.text),
        inputs.map((input) => bigintOf(input.high, input.low).toString()),
      ],
    );
    const ours = inputs.map((input) =>
      hashTextExtended(Buffer.from(input.text), input.high, input.low).toString(),
    );
    expect(ours).toEqual(rows.map((row) => row.hash));
  });

  it('hashes 64-bit integers exactly as hashint8extended does, including negative ones', async () => {
    const edges = [0n, 1n, -1n, 2n ** 31n, -(2n ** 31n), 2n ** 63n - 1n, -(2n ** 63n)];
    const values = [...edges, ...Array.from({ length: 2_000 }, () => bigintOf(int32(), int32()))];
    const seeds = values.map((_, index) => ({
      high: index % 10 === 0 ? 0 : int32(),
      low: index % 10 === 0 ? 0 : int32(),
    }));
    const rows = await session.rows<{ hash: string }>(
      `select hashint8extended(v, s) as hash
         from unnest($1::int8[], $2::int8[]) with ordinality as u(v, s, n) order by n`,
      [values.map(String), seeds.map((seed) => bigintOf(seed.high, seed.low).toString())],
    );
    const ours = values.map((value, index) =>
      hashInt8Extended(value, seeds[index]!.high, seeds[index]!.low).toString(),
    );
    expect(ours).toEqual(rows.map((row) => row.hash));
  });

  it('equals the expression that read-back evaluates in the server', async () => {
    const rows = Array.from({ length: 500 }, (_, index) => ({
      writer: index % 64,
      seq: index % 7 === 0 ? 2 ** 31 - 1 : (random() * 1e6) | 0,
      version: index % 5 === 0 ? 0 : (random() * 1e4) | 0,
      payload: 'x'.repeat(index),
    }));
    const answer = await session.rows<{ checksum: string }>(
      `select hashtextextended(p, (v::bigint << 32) | s) # w::bigint as checksum
         from unnest($1::int[], $2::int[], $3::int[], $4::text[]) with ordinality as u(w, s, v, p, n)
        order by n`,
      [
        rows.map((row) => row.writer),
        rows.map((row) => row.seq),
        rows.map((row) => row.version),
        rows.map((row) => row.payload),
      ],
    );
    expect(rows.map((row) => rowChecksum(Buffer.from(row.payload), row).toString())).toEqual(
      answer.map((row) => row.checksum),
    );
  });

  it('hashes an identity in halves exactly as the server hashes seq and version', async () => {
    const rows = Array.from({ length: 500 }, (_, index) => ({
      seq: index % 9 === 0 ? index : (random() * 2 ** 31) | 0,
      version: index % 3 === 0 ? 0 : (random() * 1e4) | 0,
    }));
    const answer = await session.rows<{ hash: string }>(
      `select hashint4extended(s, v) as hash
         from unnest($1::int[], $2::int[]) with ordinality as u(s, v, n) order by n`,
      [rows.map((row) => row.seq), rows.map((row) => row.version)],
    );
    const ours = rows.map((row) => {
      const { high, low } = rowHash(row.seq, row.version);
      return bigintOf(high, low).toString();
    });
    expect(ours).toEqual(answer.map((row) => row.hash));
  });
});

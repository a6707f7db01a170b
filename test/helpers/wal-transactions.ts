import path from 'node:path';
import { formatLsn } from '../../src/pg/lsn.ts';
import type { Session } from '../../src/pg/session.ts';
import { readTransactions } from '../../src/pg/wal/read-transactions.ts';
import { unbroken, walSegments } from '../../src/pg/wal/segments.ts';

/** Commits and aborts of every kind, over pages, files and a switch of the file. The server needs prepared transactions. */
export async function writeTransactions(session: Session): Promise<void> {
  await session.rows('CREATE TABLE item (id int PRIMARY KEY, payload text)');
  await session.rows('SELECT pg_switch_wal()');
  for (let id = 0; id < 40; id++) {
    await session.rows(`INSERT INTO item VALUES ($1, repeat('x', 900))`, [id]);
  }
  await session.rows('SELECT pg_switch_wal()');
  // Two files full: a record crosses from one to the next.
  await session.rows(
    `INSERT INTO item SELECT g, repeat('y', 1500) FROM generate_series(1000, 16000) g`,
  );
  await session.rows('BEGIN');
  await session.rows(`INSERT INTO item VALUES (100, 'a')`);
  await session.rows('SAVEPOINT s');
  await session.rows(`INSERT INTO item VALUES (101, 'b')`);
  await session.rows('COMMIT');
  await session.rows('BEGIN');
  await session.rows(`INSERT INTO item VALUES (102, 'c')`);
  await session.rows('ROLLBACK');
  await session.rows('BEGIN');
  await session.rows(`INSERT INTO item VALUES (103, 'd')`);
  await session.rows(`PREPARE TRANSACTION 'p'`);
  await session.rows(`COMMIT PREPARED 'p'`);
  await session.rows('BEGIN');
  await session.rows('CREATE TABLE other (id int)');
  await session.rows(`PREPARE TRANSACTION 'q'`);
  await session.rows(`ROLLBACK PREPARED 'q'`);
}

/** Arguments of pg_waldump for every transaction of timeline 1 in a folder that is here. */
export async function dumpArguments(folder: string): Promise<readonly string[]> {
  const names = unbroken(await walSegments(folder), 1).map(({ file }) => path.basename(file));
  return ['-t', '1', '-r', 'Transaction', names[0] ?? '', names.at(-1) ?? ''];
}

/** The end of each transaction as pg_waldump prints it: LSN, transaction, kind, time in seconds. */
export function dumpedTransactions(stdout: string): readonly string[] {
  return stdout.split('\n').flatMap((line) => {
    const shape =
      /tx: +(\d+), lsn: (\S+), .*desc: (COMMIT|ABORT)(?:_PREPARED)? (?:(\d+): |.*?)?(\d{4}-\S+ [\d:]+)/;
    const [, xid, lsn, kind, prepared, time] = shape.exec(line) ?? [];
    if (lsn === undefined) return [];
    return [`${lsn} ${prepared ?? xid} ${kind?.toLowerCase()} ${time}`];
  });
}

/** The same as read here. */
export async function readTransactionsOf(folder: string): Promise<readonly string[]> {
  const { transactions } = await readTransactions(unbroken(await walSegments(folder), 1));
  return transactions.map(({ lsn, xid, kind, atMs }) => {
    const [high = '', low = ''] = formatLsn(lsn).split('/');
    const text = `${high}/${low.padStart(8, '0')}`;
    return `${text} ${xid} ${kind} ${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')}`;
  });
}

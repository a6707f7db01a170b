import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { temporaryReports } from '../helpers/local-lab.ts';

test('every damage on a live cluster is found and named, and nothing else', async () => {
  using reports = temporaryReports();
  const args = ['selftest', '--no-install', '--seed', '3'];
  const { exitCode, stdout, stderr } = await runCli(args, { reports: reports.folder });
  const verdicts = stdout.split('\n').filter((line) => /^(ok|FAIL) /.test(line));
  expect(verdicts.filter((line) => !line.startsWith('ok  '))).toEqual([]);
  expect(verdicts.map((line) => line.replaceAll(/\d+/g, 'n').replace('ok    ', ''))).toEqual([
    'set the sequence back by n: that many ids name two writes: found reissued n',
    'delete n rows with n updates, the first row of each writer: found lost n',
    'delete n rows with n updates, the last n of each writer: found lost n',
    'delete n rows with n updates, scattered: found lost n',
    'delete n rows with n updates, a whole block of the read-back: found lost n',
    'drop the primary key and store n rows twice: found duplicated n',
    'flip one bit in the content of n rows: found corrupted n',
    'set n rows back by n versions in all: found lostUpdates n',
    'set n rows to versions that were never sent: found unexpected n',
    'set n rows to negative versions: found unexpected n',
    'drop NOT NULL and set the content or the checksum of n rows to NULL: found corrupted n',
    'insert n rows that were never sent: found unexpected n',
    'insert n rows under negative keys: found unexpected n',
    'insert n rows of a writer that is not in the run: found unexpected n',
    'delete n rows with n updates, the last of each writer, and insert as many others: found lost n, unexpected n',
    'insert n rows whose insert was refused (n): found unexpected n',
    'insert n rows whose delete was acknowledged: found lostDeletes n',
    'detach a partition: found ledger_n broken on every node',
    'hide n rows from their index, and delete n beside them: found lost n, ledger broken on every node',
    'repair everything: found nothing',
    'load n rows of bank: found nothing',
    'delete n rows with n updates, of the witness: found lost n, broken whole-transfers',
    'insert n witness rows of transactions that were never sent: found unexpected n, broken whole-transfers',
    'delete one of the two entries of a transfer: found broken whole-transfers and balances',
    'take n from an account: found broken money and balances',
    'move n between accounts without entries: the total is right: found broken balances',
    'repair everything: found nothing',
    'load n rows of orders: found nothing',
    'delete n rows with n updates, of the witness: found lost n, broken witnessed-orders',
    'insert n witness rows of transactions that were never sent: found unexpected n, broken witnessed-orders',
    'delete one line of an order: found broken whole-orders',
    'delete an order behind the back of its lines: found broken witnessed-orders and orders-of-lines',
    'change the price of a line: found broken whole-orders',
    'repair everything: found nothing',
    'load n rows of records: found nothing',
    'delete n rows with n updates, scattered: found lost n',
    'set a record back by n version: found lostUpdates n',
    'change the age in a record: found broken columns',
    'delete a record that was there before the load: found broken seed-rows',
    'append a letter to the content of n record: found corrupted n',
    'repair everything: found nothing',
    'load n rows of copy: found nothing',
    'delete n rows with n updates, of one batch: found lost n',
    'flip one bit in the content of n copied rows: found corrupted n',
    'repair everything: found nothing',
    'load n rows of custom: found nothing',
    'delete n rows with n updates, of the witness: found lost n, broken whole',
    'insert n witness rows of transactions that were never sent: found unexpected n, broken whole',
    'delete a payment of the application: found broken whole and balances',
    "take n from an account of the application's: found broken money and balances",
    'repair everything: found nothing',
    ...['feed', 'filed'].flatMap((consumer) => [
      `deliver n events to ${consumer}: found nothing`,
      'remove n inserts: found missing n, skipped n, differing n',
      'store n inserts twice, one at once and the others at the end: found duplicates n',
      'move n inserts behind the last: found outOfOrder n',
      'append a letter to the content of n inserts: found corrupted n',
      'give n insert the key of a write that was never sent: found missing n, skipped n, phantoms n, corrupted n, differing n',
      'remove n updates that later ones hide: found missing n, skipped n',
      'remove n deletes: found missing n, skipped n, differing n',
      'store n update again at the end: found duplicates n, differing n',
      'move n update behind the last: found outOfOrder n, differing n',
      'append a letter to the content of n updates: found corrupted n',
      `repair the sink of ${consumer}: found nothing`,
    ]),
    'archive n rows in n segments: found nothing',
    'remove segment n: found missing, missing n',
    'change one byte of segment n: found changed, missing n',
    'store segment n in place of n, too: found changed, missing n',
    'archive another content of segment n from a replica: found twoHistories',
    'repair the archive: found nothing',
    'delete n rows on a promoted replica: found missing n',
    'insert n rows on a promoted replica: found extra n',
    'flip one bit in n rows on a promoted replica: found corrupted n',
    'set n rows back on a promoted replica: found stale n',
  ]);
  expect([exitCode, stderr]).toEqual([0, '']);
  expect(readdirSync(path.join(reports.folder, '.labs'))).toEqual([]);
  // It damages six workloads, two sinks and an archive: a minute on two quiet cores.
}, 400_000);

test.each([
  ['--seed', '-1', '--seed -1: needs a whole number from 0\n'],
  ['--repeat', 'often', '--repeat often: needs a whole number from 1\n'],
])('%s %s is refused before anything boots', async (option, value, said) => {
  using reports = temporaryReports();
  const args = ['selftest', `${option}=${value}`];
  const { exitCode, stderr } = await runCli(args, { reports: reports.folder });
  expect([exitCode, stderr, readdirSync(reports.folder)]).toEqual([3, said, []]);
});

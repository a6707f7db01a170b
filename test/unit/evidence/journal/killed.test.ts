import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { journalRecords } from '../../../../src/evidence/journal/journal.ts';

/** Appends one record per millisecond and prints which ones are older than 100 ms. */
const program = (file: string) => `
  import { JournalWriter } from ${JSON.stringify(path.resolve('src/evidence/journal/journal.ts'))};
  const writer = JournalWriter.open(${JSON.stringify(file)}, { schemaVersion: 1, runId: 'run',
    worker: 0, firstWriter: 0, writers: 1, nodes: ['pg1'], originNs: '0' });
  const at = [];
  let old = 0;
  setInterval(() => {
    const seq = at.push(performance.now()) - 1;
    writer.append({ kind: 'insert', outcome: 'acknowledged', writer: 0, seq, count: 1, version: 0,
      node: 0, timeline: 1, lsn: 1n, sentUs: seq, latencyUs: 1, waitedUs: 0, sqlState: '' });
    while (at[old] < performance.now() - 100) old++;
    process.stdout.write(old + '\\n');
  }, 1);`;

it('a worker killed with SIGKILL loses nothing that is older than 100 ms', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'journal-killed-'));
  try {
    const file = path.join(directory, '0.bin');
    const argv = ['--input-type=module', '--eval', program(file)];
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.length > 2000) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const old = Number(said.split('\n').at(-2));
    const records = [...journalRecords(file)];
    expect(old).toBeGreaterThan(100);
    expect(records.length).toBeGreaterThanOrEqual(old);
    expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

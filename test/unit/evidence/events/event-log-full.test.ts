import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-events-'));
afterAll(() => rmSync(folder, { recursive: true }));

const history = path.resolve(import.meta.dirname, '../../../../src/evidence/events/event-log.ts');
/** Fills a disk of one page with events, then returns what the log reports. */
const script = `
  import { EventLog, readEvents } from '${history}';
  const log = EventLog.create('events.jsonl', process.hrtime.bigint());
  const what = 'x'.repeat(900);
  for (let n = 0; n < 6; n++) log.emit({ type: 'problem', what });
  const failed = await log.failed.catch((error) => error.name);
  let undo = 'written';
  try {
    log.emit({ type: 'undo', id: 'cut', step: { do: 'resumeLoad' } });
  } catch (error) {
    undo = error.message;
  }
  const { events, problems } = readEvents('events.jsonl');
  console.log(JSON.stringify({
    failed, undo, unwritten: log.unwritten.map(({ type }) => type),
    written: events.length, torn: problems.length,
  }));
`;

test('a log on a full disk keeps the events that it cannot write, reports it, and lets no fault begin', () => {
  const mount = `mount -t tmpfs -o size=4k tmpfs ${folder} && cd ${folder} && exec "$@"`;
  const command = [process.execPath, '--input-type=module', '--eval', script];
  const said = execFileSync('unshare', ['-rm', 'sh', '-c', mount, 'sh', ...command]).toString();
  expect(JSON.parse(said)).toEqual({
    failed: 'EnvironmentError',
    written: 4,
    torn: 1,
    unwritten: ['problem', 'problem', 'undo'],
    undo: expect.stringMatching(/^cannot write events\.jsonl: ENOSPC: no space left/) as string,
  });
});

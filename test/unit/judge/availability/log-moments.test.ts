import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { logMoments } from '../../../../src/judge/availability/log-moments.ts';
import { promotionLines } from '../../../../src/judge/availability/promotion-messages.ts';
import { connect } from '../../../../src/pg/connect.ts';
import { run } from '../../../../src/std/exec.ts';
import { waitUntil } from '../../../../src/std/wait.ts';
import { startPostgres } from '../../../helpers/postgres.ts';

const germanTranslation = '/usr/share/locale/de/LC_MESSAGES/postgres-15.mo';
const canSpeakGerman = existsSync(germanTranslation) && existsSync('/usr/share/i18n/locales/de_DE');

test.each([
  ['promotionRequested', '2026-11-30 17:00:00.000 UTC [7] LOG:  received promote request'],
  [
    'recoveryEnded',
    '2026-11-30 17:00:00.000 UTC [7] LOG:  redo done at 0/3000028 system usage: CPU',
  ],
  ['newTimeline', '2026-11-30 17:00:00.000 UTC [7] LOG:  selected new timeline ID: 2'],
  ['newTimeline', '2026-11-30 17:00:00.000 UTC [7] LOG:  gew?hlte neue Zeitleisten-ID: 2'],
  [
    'promotionRequested',
    '2026-11-30 17:00:00.000 UTC [7] СООБЩЕНИЕ:  получен запрос повышения статуса',
  ],
  [
    'recoveryEnded',
    '2026-11-30 17:00:00.000 UTC [7] LOG:  REDOが0/3000028で終了しました、システム使用状況: CPU',
  ],
  ['newTimeline', '2026-11-30 17:00:00.000 UTC [7] 日志:  已选择的新时间线ID：2'],
] as const)('%s is recognised in: %s', (step, line) => {
  expect(promotionLines[step].test(line)).toBe(true);
});

test('a client that sends the same words is no promotion', () => {
  const line = `2026-11-30 17:00:00.000 UTC [7] ERROR:  syntax error at or near "received promote request"`;
  expect(promotionLines.promotionRequested.test(line)).toBe(false);
});

test.skipIf(!canSpeakGerman)(
  'a server that logs in German tells each step of its promotion (needs the locales package)',
  async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'forkpoint-german-'));
    const locales = path.join(folder, 'locales');
    await mkdir(locales);
    // The server is not root.
    await chmod(folder, 0o755);
    const made = ['localedef', '-i', 'de_DE', '-f', 'UTF-8', path.join(locales, 'de_DE.utf8')];
    expect((await run(made)).exitCode).toBe(0);
    const { LOCPATH: before } = process.env;
    process.env.LOCPATH = locales;
    try {
      await using first = await startPostgres();
      await using second = await startPostgres({
        replicaOf: first,
        parameters: { lc_messages: 'de_DE.utf8' },
      });
      await using session = await connect(second.endpoint, second.credentials, {
        connectTimeoutMs: 5_000,
      });
      await using primary = await connect(first.endpoint, first.credentials, {
        connectTimeoutMs: 5_000,
      });
      // Without something to replay there is no end of it to tell.
      await primary.rows('CREATE TABLE replayed (id integer)');
      const hasReplayed = async () =>
        (await session.rows("SELECT FROM pg_class WHERE relname = 'replayed'")).length === 1;
      await waitUntil('the standby has replayed', hasReplayed, { timeoutMs: 30_000 });
      const startedAt = new Date().toISOString();
      await session.rows('SELECT pg_promote()');
      const log = path.join(path.dirname(second.dataDirectory), 'log');
      await mkdir(path.join(folder, 'logs', 'pg2'), { recursive: true });
      const found = async () => {
        await copyFile(log, path.join(folder, 'logs', 'pg2', 'postgres.log'));
        return logMoments(folder, { startedAt, originMs: 0, events: [] }).map(({ what }) => what);
      };
      await waitUntil('three steps are logged', async () => (await found()).length >= 3, {
        timeoutMs: 30_000,
      });
      expect(await found()).toEqual(['promotionRequested', 'recoveryEnded', 'newTimeline']);
    } finally {
      if (before === undefined) delete process.env.LOCPATH;
      else process.env.LOCPATH = before;
      await rm(folder, { recursive: true, force: true });
    }
  },
  120_000,
);

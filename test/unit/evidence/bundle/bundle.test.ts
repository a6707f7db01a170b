import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Manifest } from '../../../../src/evidence/bundle/manifest.ts';
import { openBundle } from '../../../../src/evidence/bundle/open.ts';
import { maskNamed } from '../../../../src/evidence/bundle/scrub/scrub.ts';
import { writeBundle, type BundleOptions } from '../../../../src/evidence/bundle/write.ts';
import type { Result } from '../../../../src/contracts/result.ts';
import { EnvironmentError, ScenarioError } from '../../../../src/std/errors.ts';
import { judgeRun } from '../../../../src/judge/judge.ts';
import { loadRegistry } from '../../../../src/registry.ts';
import { callCli } from '../../../helpers/call-cli.ts';
import { runCli } from '../../../helpers/cli.ts';
import { storeRun } from '../../../helpers/stored-run.ts';

const registry = await loadRegistry();
let folder: string;
let run: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-bundle-test-'));
  run = path.join(folder, 'run');
  vi.stubEnv('FORKPOINT_REPORTS', path.join(folder, 'reports'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const output = () => path.join(folder, 'run.tar.gz');
function bundled(over: Partial<BundleOptions> = {}) {
  return writeBundle({
    directory: run,
    output: output(),
    maxBytes: 50_000_000,
    hasJournals: true,
    judge: (directory) => judgeRun(directory, registry),
    ...over,
  });
}

async function opened(file = output()) {
  const into = mkdtempSync(path.join(folder, 'opened-'));
  return { into, manifest: await openBundle(file, into) };
}

/** All text of an archive: names, headers and content. */
const contentOf = (file: string) => gunzipSync(readFileSync(file)).toString('latin1');

describe('a bundle', () => {
  test('is judged elsewhere to the same result as the run, byte for byte', async () => {
    await storeRun(run);
    await bundled();
    const elsewhere = path.join(folder, 'elsewhere');
    await mkdir(elsewhere);
    await copyFile(output(), path.join(elsewhere, 'x.tar.gz'));
    const judged = await callCli(['judge', path.join(elsewhere, 'x.tar.gz')], {
      reports: elsewhere,
    });
    expect({ code: judged.exitCode, stderr: judged.stderr }).toEqual({ code: 0, stderr: '' });
    expect(judged.stdout).toContain('Records Lost: 5');
    const result = (at: string) => readFileSync(path.join(at, 'result.json'), 'utf8');
    expect(result(path.join(elsewhere, 'x.reports'))).toBe(result(run));
    expect(readdirSync(elsewhere).sort()).toEqual(['x.reports', 'x.tar.gz']);
  });

  test('can be reported and exported like a folder', async () => {
    await storeRun(run);
    await bundled();
    const cli = (...args: string[]) => callCli(args, { reports: folder });
    const [report, history] = [
      await cli('report', output(), '--format', 'json'),
      await cli('history', output()),
    ];
    expect(report.stdout).toBe(readFileSync(path.join(run, 'result.json'), 'utf8'));
    expect(history.stdout.split('\n')).toHaveLength(41);
    expect(history.stdout).toBe((await cli('history', run)).stdout);
  });

  test('has the same bytes each time the same run is packed', async () => {
    await storeRun(run, {
      files: { 'logs/b.log': 'b\n', 'logs/a/z.log': 'z\n', 'evidence/x': '1' },
    });
    await bundled();
    const first = readFileSync(output());
    await bundled();
    expect(readFileSync(output()).equals(first)).toBe(true);
    const { manifest } = await opened();
    const names = manifest.files.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
  });

  test('holds no password from any file, and no folder of this host', async () => {
    const secret = (n: number) => `s3cr3t-${n}-Zq9`;
    vi.stubEnv('PGPASSWORD', secret(0));
    const [dsn, keyword, env, yaml, nested, sql, pgpass, argv, json, bearer, block] = Array.from(
      { length: 11 },
      (_, n) => secret(n + 1),
    );
    await storeRun(run, {
      files: {
        'logs/pg1/postgres.log': [
          `connecting to postgres://app:${dsn}@10.0.0.1:5432/db?sslmode=require`,
          `primary_conninfo = 'host=pg1 user=rep password=${keyword} port=5432'`,
          `LOG: statement: CREATE ROLE app LOGIN PASSWORD '${sql}'`,
          `again, by itself: ${dsn} and ${secret(0)}`,
          `ran psql --password ${argv} and {"authorization": "Bearer ${bearer}"}`,
          `SCRAM-SHA-256$4096:${secret(20)}$a:b md5${'0123456789abcdef'.repeat(2)}`,
          `-----BEGIN PRIVATE KEY-----\n${secret(21)}\n-----END PRIVATE KEY-----`,
        ].join('\n'),
        'evidence/pg1.env': `PGPASSWORD=${env}\nPATRONI_SUPERUSER_PASSWORD="${env} with spaces"\nPGHOST=pg1\n`,
        'evidence/patroni.yml': [
          'postgresql:',
          '  authentication:',
          '    superuser:',
          '      username: postgres',
          `      password: ${yaml} and more`,
          `    replication: { username: rep, password: '${nested}' }`,
          `    rewind_password: |`,
          `      ${block}`,
          'scope: kept',
        ].join('\n'),
        'evidence/.pgpass': `10.0.0.1:5432:db:app:${pgpass}\n`,
        'evidence/config.json': JSON.stringify({
          password: json,
          password_encryption: 'scram-sha-256',
          token: 12345678,
          secret: null,
        }),
        'logs/where.log': `reading ${path.join(run, 'journal')} and ${homedir()}/.cache and ${process.cwd()}/src\n`,
        'lab.json': JSON.stringify({ credentials: { password: secret(22) } }),
      },
    });
    const { manifest } = await bundled();
    const content = contentOf(output());
    const all = Array.from({ length: 23 }, (_, n) => secret(n));
    expect(all.filter((each) => content.includes(each))).toEqual([]);
    expect(content).not.toContain('with spaces');
    expect(content).not.toContain('and more');
    const hosts = [folder, process.cwd(), `${homedir()}/`];
    expect(hosts.filter((each) => content.includes(each))).toEqual([]);
    expect(content).toContain('postgres://app:***@10.0.0.1:5432/db?sslmode=require');
    expect(content).toContain('PGHOST=pg1');
    expect(content).toContain('scope: kept');
    expect(content).toContain(
      '"password":"***","password_encryption":"scram-sha-256","token":"***"',
    );
    expect(manifest.leftOut).toEqual([
      {
        name: 'lab.json',
        bytes: expect.any(Number) as number,
        why: 'how the cluster was reached, which is useless elsewhere',
      },
    ]);
  });

  test('cuts the middle of its largest logs to fit, and lists which and how much', async () => {
    const noise = (seed: number, many: number) =>
      Array.from(
        { length: many },
        (_, n) => `${n} ${((n + 1) * seed * 2654435761) % 2 ** 32}\n`,
      ).join('');
    await storeRun(run, {
      files: { 'logs/pg1/postgres.log': noise(7, 60_000), 'logs/pg2/postgres.log': noise(3, 500) },
    });
    const maxBytes = 150_000;
    const { bytes, manifest } = await bundled({ maxBytes });
    expect(bytes).toBeLessThanOrEqual(maxBytes);
    expect(bytes).toBeGreaterThan(maxBytes * 0.7);
    expect(manifest.cut.map(({ name }) => name)).toEqual(['logs/pg1/postgres.log']);
    expect({ leftOut: manifest.leftOut, judgeable: manifest.notJudgeable }).toEqual({
      leftOut: [],
      judgeable: null,
    });
    const { into } = await opened();
    const log = readFileSync(path.join(into, 'logs/pg1/postgres.log'), 'utf8');
    expect(log).toMatch(/^0 \d+\n/);
    expect(log).toMatch(/\n59999 \d+\n$/);
    expect(log).toMatch(
      /\n\[\.\.\. \d+ bytes of this log were cut out by `forkpoint bundle` \.\.\.\]\n/,
    );
  });

  test('leaves out reports and logs before anything that is judged', async () => {
    await storeRun(run);
    const whole = await bundled();
    const { manifest } = await bundled({ maxBytes: whole.bytes - 15_000 });
    expect(manifest.leftOut.map(({ name }) => name)).toContain('report.html');
    expect(manifest.notJudgeable).toBeNull();
    const { into } = await opened();
    const result = await judgeRun(into, registry);
    expect({ status: result.status, lost: result.writes.lost }).toEqual({
      status: 'pass',
      lost: 5,
    });
  });

  test('that does not fit without cutting a journal is refused, with the size that it needs', async () => {
    await storeRun(run);
    const failing = bundled({ maxBytes: 2_000 });
    await expect(failing).rejects.toThrow(EnvironmentError);
    await expect(failing).rejects.toThrow(/Journals are never cut.*--max-size 1MB.*--no-journals/);
    expect(existsSync(output())).toBe(false);
  });

  test('without its journals states that it cannot be judged, and is not judged', async () => {
    await storeRun(run);
    const { manifest } = await bundled({ hasJournals: false });
    expect(manifest.notJudgeable).toBe('it was packed without its journals');
    expect(manifest.leftOut.map(({ name }) => name)).toEqual(['journal/0.bin']);
    const judged = await callCli(['judge', output()], { reports: folder });
    expect({ code: judged.exitCode, stderr: judged.stderr }).toEqual({
      code: 3,
      stderr: `${output()}: cannot be judged: it was packed without its journals. \`forkpoint report\` shows its stored result, if it has one.\n`,
    });
    const reported = await callCli(['report', output(), '--format', 'summary'], {
      reports: folder,
    });
    expect(reported.stdout).toContain('Records Lost: 5');
  });

  test('of a run that cannot be judged is made nevertheless, with the reason', async () => {
    await storeRun(run);
    await writeFile(path.join(run, 'readback.json'), '{"schemaVersion": 1, "runId"');
    const { manifest } = await bundled();
    expect(manifest.notJudgeable).toMatch(/^<run>\/readback\.json: is not JSON: /);
  });

  test('follows no link', async () => {
    await storeRun(run);
    await writeFile(path.join(folder, 'outside'), 'not of the run');
    await symlink(path.join(folder, 'outside'), path.join(run, 'logs', 'link.log'));
    const { manifest } = await bundled();
    expect(manifest.leftOut.map(({ name, why }) => ({ name, why }))).toEqual([
      { name: 'logs/link.log', why: 'no plain file' },
    ]);
  });
});

test.each([
  ['password_encryption = scram-sha-256', 'password_encryption = scram-sha-256'],
  ['"password": null', '"password": null'],
  ['no password was given', 'no password was given'],
  [
    'password authentication failed for user "app"',
    'password authentication failed for user "app"',
  ],
  ['{\\"password\\": \\"a b\\", \\"x\\": 1}', '{\\"password\\": \\"***\\", \\"x\\": 1}'],
  ["password='it''s'", "password='***'"],
  ['postgres://u:p@ss@h/d', 'postgres://u:***@h/d'],
  ['https://host:5432/path', 'https://host:5432/path'],
])('%s is masked as %s', (text, masked) => {
  expect(maskNamed(text, () => undefined)).toBe(masked);
});

interface Entry {
  readonly name: string;
  readonly text?: string;
  readonly type?: 'file' | 'symlink' | 'link' | 'directory' | 'fifo';
  readonly linkname?: string;
}

async function archive(...entries: readonly Entry[]): Promise<Buffer> {
  const made = pack();
  for (const { name, text = '', type = 'file', linkname } of entries) {
    made.entry({ name, type, ...(linkname !== undefined && { linkname }) }, text);
  }
  made.finalize();
  return gzipSync(await buffer(made));
}

const manifest: Manifest = {
  schemaVersion: 1,
  kind: 'forkpoint-bundle',
  versions: {},
  notJudgeable: null,
  run: { runId: null, scenario: null, startedAt: null, status: null },
  files: [],
  cut: [],
  leftOut: [],
  masked: 0,
};
const head: Entry = { name: 'r/MANIFEST.json', text: JSON.stringify(manifest) };

describe('an archive from elsewhere', () => {
  test.each<[string, readonly Entry[], string]>([
    ['leads upwards', [head, { name: 'r/../../evil', text: 'x' }], '"r/../../evil" leads out of'],
    ['is absolute', [head, { name: '/tmp/evil', text: 'x' }], '"/tmp/evil" leads out of'],
    ['has a backslash', [head, { name: 'r/..\\evil', text: 'x' }], 'leads out of'],
    [
      'is a symbolic link',
      [head, { name: 'r/a', type: 'symlink', linkname: '/etc' }],
      'is a symlink',
    ],
    ['is a hard link', [head, { name: 'r/a', type: 'link', linkname: '/etc/passwd' }], 'is a link'],
    ['is a pipe', [head, { name: 'r/a', type: 'fifo' }], 'is a fifo'],
    ['lies elsewhere', [head, { name: 's/a', text: 'x' }], '"s/a" is not below r'],
    ['comes twice', [head, head], 'it holds MANIFEST.json twice'],
    ['was added', [head, { name: 'r/plan.json', text: '{}' }], 'plan.json was added'],
    [
      'is of something else',
      [{ name: 'r/a', text: 'x' }],
      'it does not begin with a MANIFEST.json',
    ],
    [
      'is missing',
      [
        {
          ...head,
          text: JSON.stringify({
            ...manifest,
            files: [{ name: 'a', bytes: 1, sha256: '0'.repeat(64) }],
          }),
        },
      ],
      'a is missing',
    ],
    [
      'is of a later version',
      [{ ...head, text: JSON.stringify({ ...manifest, schemaVersion: 2 }) }],
      'MANIFEST.json has schema version 2; this Forkpoint reads version 1',
    ],
    ['is no manifest', [{ ...head, text: '{"kind": "x"}' }], 'MANIFEST.json: '],
    ['is no JSON', [{ ...head, text: '{' }], 'MANIFEST.json is not JSON'],
  ])(
    'in which a file %s is refused, and nothing is written outside',
    async (_what, entries, said) => {
      await writeFile(output(), await archive(...entries));
      const opening = opened();
      await expect(opening).rejects.toThrow(ScenarioError);
      await expect(opening).rejects.toThrow(said);
      expect(readdirSync(folder).filter((name) => name.includes('evil'))).toEqual([]);
      expect(existsSync('/tmp/evil')).toBe(false);
    },
  );

  test('whose file was edited after it was packed is refused', async () => {
    await storeRun(run);
    await bundled();
    const edited = gunzipSync(readFileSync(output()));
    const at = edited.indexOf('"role":"primary"');
    edited.write('"role":"replica"', at);
    await writeFile(output(), gzipSync(edited));
    await expect(opened()).rejects.toThrow('readback.json is not as it was packed');
  });

  test('that unpacks to far more than a run is not unpacked further', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 ** 2));
    await writeFile(output(), bomb);
    await expect(opened()).rejects.toThrow("which no run's folder has");
  });

  test.each([
    ['cut', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2)],
    ['no archive at all', () => Buffer.from('hello')],
    ['empty', () => Buffer.alloc(0)],
  ])('that is %s is refused, with what to do', async (_what, change) => {
    await storeRun(run);
    await bundled();
    await writeFile(output(), change(readFileSync(output())));
    const judged = await callCli(['judge', output()], { reports: folder });
    expect(judged.exitCode).toBe(3);
    expect(judged.stderr).toMatch(/no whole bundle|not a bundle/);
    expect(judged.stderr).not.toContain('    at ');
  });
});

test('judging a bundle leaves nothing in the folder for temporary files', async () => {
  await storeRun(run);
  await bundled();
  const mine = path.join(folder, 'tmp');
  await mkdir(mine);
  const env = { TMPDIR: mine };
  const { stdout } = await callCli(['report', output(), '--format', 'json'], {
    reports: folder,
    env,
  });
  expect((JSON.parse(stdout) as Result).writes.lost).toBe(5);
  expect(readdirSync(mine)).toEqual([]);
});

test('without a folder for temporary files a bundle is refused with an error of the host', async () => {
  await storeRun(run);
  await bundled();
  for (const args of [
    ['judge', output()],
    ['bundle', run, '--output', output()],
  ]) {
    const env = { TMPDIR: path.join(folder, 'nowhere') };
    const { exitCode, stderr } = await callCli(args, { reports: folder, env });
    expect({ exitCode, said: stderr.includes('set TMPDIR to another folder') }).toEqual({
      exitCode: 4,
      said: true,
    });
  }
});

test('a full folder for temporary files is an error of the host', async (context) => {
  const mine = path.join(folder, 'small');
  await mkdir(mine);
  const script = `mount -t tmpfs -o size=64k tmpfs ${mine} && exec "$@"`;
  const prefix = ['unshare', '-m', 'sh', '-c', script, 'sh'];
  if (spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', 'true']).status !== 0) context.skip();
  const noise = randomBytes(100_000).toString('base64');
  await storeRun(run, { files: { 'logs/pg1/postgres.log': noise } });
  await bundled();
  for (const args of [
    ['judge', output()],
    ['bundle', run, '--output', output()],
  ]) {
    const { exitCode, stderr } = await runCli(args, {
      reports: folder,
      env: { TMPDIR: mine },
      prefix,
    });
    expect({ exitCode, said: stderr.includes('set TMPDIR to another folder') }).toEqual({
      exitCode: 4,
      said: true,
    });
  }
});

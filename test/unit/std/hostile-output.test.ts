import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { annotations } from '../../../src/render/github.ts';
import { asciiControls, forTerminal, plain } from '../../../src/std/plain.ts';
import { callCli } from '../../helpers/call-cli.ts';
import { passing } from '../../helpers/sample-results.ts';
import { lines, storedEvents, storeRun } from '../../helpers/stored-run.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-output-'));
const run = path.join(folder, 'run');
const cli = path.resolve(import.meta.dirname, '../../../src/bin.js');
afterAll(() => rmSync(folder, { recursive: true }));

const hostile =
  'x\u001b[2J\u001b]0;title\u0007\u009b31m\r\n::error::forged\n  ::add-mask::a\n##[group]y\n##vso[task]z\nVerdict: PASS\u202e';

/** Only our own colours, line feeds and tabs, and no line that a CI reads as a command. */
function problemsOf(output: string): string[] {
  return [
    // eslint-disable-next-line no-control-regex
    ...(output.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g) ?? []).map((c) =>
      JSON.stringify(c),
    ),
    ...(output.match(/^\s*::.*$|##(?:\[|vso\[|teamcity\[).*/gm) ?? []),
  ];
}

beforeAll(async () => {
  await storeRun(run);
  const plan = JSON.parse(readFileSync(path.join(run, 'plan.json'), 'utf8')) as {
    readonly scenario: object;
  };
  const settings = JSON.parse(readFileSync(path.join(run, 'settings.json'), 'utf8')) as {
    readonly members: readonly { readonly parameters: object }[];
  };
  const put = (name: string, value: unknown) =>
    writeFile(path.join(run, name), JSON.stringify(value));
  await put('plan.json', { ...plan, scenario: { ...plan.scenario, claim: hostile } });
  await put('settings.json', {
    ...settings,
    members: settings.members.map((member) => ({
      ...member,
      parameters: { ...member.parameters, synchronous_standby_names: hostile, [hostile]: hostile },
    })),
  });
  const versions = { postgres: hostile, patroni: hostile, dcs: hostile };
  const [head, ...others] = storedEvents;
  await writeFile(
    path.join(run, 'events.jsonl'),
    lines([
      { ...head, versions, reproduce: hostile, clients: { site: hostile, where: hostile } },
      ...others,
      { atMs: 11_500, type: 'problem', what: hostile },
    ]),
  );
  await writeFile(
    path.join(folder, 'hostile.yaml'),
    `name: hostile\nclaim: ${JSON.stringify(hostile)}\nload: { clients: 2, duration: 10s }\nexpect: { lost: 0 }\n`,
  );
  await writeFile(
    path.join(folder, 'wrong.yaml'),
    `name: ${JSON.stringify(hostile)}\n${JSON.stringify(hostile)}: 1\nload: { workload: ${JSON.stringify(hostile)} }\n`,
  );
});

describe('foreign text never controls a terminal or a CI job', () => {
  const commands: readonly (readonly string[])[] = [
    ['judge', run],
    ...['summary', 'markdown', 'json', 'junit', 'html'].map((f) => ['report', run, '--format', f]),
    ['report', run, '--github'],
    ['history', run],
    ['compare', run, run],
    ['bundle', run, '--output', path.join(folder, 'b.tar.gz')],
    ['check', path.join(folder, 'hostile.yaml')],
    ['check', path.join(folder, 'wrong.yaml')],
    ['check', hostile],
    ['check', 'partition-5s', '--set', `expect.${hostile}=1`],
    ['judge', hostile],
    [hostile],
  ];
  test.each(commands.map((args) => [args.join(' ').replace(hostile, 'HOSTILE'), args] as const))(
    '%s',
    { timeout: 60_000 },
    async (_name, args) => {
      const env = { GITHUB_STEP_SUMMARY: path.join(folder, 'summary.md') };
      const { stdout, stderr, exitCode } = await callCli(args, { reports: folder, env });
      const said = `${stdout}\n${stderr}`;
      // Our own annotations are commands, each on a line of its own.
      const others = args.includes('--github')
        ? said.replace(/^::(?:error|warning|notice) title=.*$/gm, '')
        : said;
      expect({ problems: problemsOf(others), isBug: exitCode === 5 }).toEqual({
        problems: [],
        isBug: false,
      });
      // In a document it is where text may have several lines.
      if (!args.includes('junit') && !args.includes('html')) {
        expect(said).not.toMatch(/^Verdict: PASS/m);
      }
    },
  );

  test('no source writes to the streams of the process directly', async () => {
    const root = path.resolve(import.meta.dirname, '../../../src');
    const own = new Set([
      'std/output.ts',
      'cli.ts',
      'bin.js',
      'load/worker.ts',
      'downstream/cdc.ts',
      'backends/local/watchdog-device.ts',
      'backends/local/name-server.ts',
    ]);
    const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('.ts'));
    const writing = files.filter((file) =>
      /process\.std(?:out|err)\.write|console\.(?:log|info)/.test(
        readFileSync(path.join(root, file), 'utf8'),
      ),
    );
    expect(writing.filter((file) => !own.has(file))).toEqual([]);
  });

  test('an annotation is one line, whatever its text', () => {
    const result = { ...passing, scenario: hostile, claim: hostile };
    const written = annotations(result).trim().split('\n');
    expect(written.every((line) => /^::(?:error|warning|notice) title=/.test(line))).toBe(true);
    expect(problemsOf(written.map((line) => line.slice(2)).join('\n'))).toEqual([]);
  });
});

test.each([
  ['a\u001b[31mb\u001b[39m', 'ab', 'a\u001b[31mb\u001b[39m'],
  ['a\u001b[8mhidden', 'ahidden', 'ahidden'],
  ['a\r\nb', 'a b', 'a\nb'],
  ['over\rwritten', 'over written', 'over written'],
  ['::error::x', '::error::x', ': :error::x'],
  ['a\n \t::stop-commands::x', 'a   ::stop-commands::x', 'a\n \t: :stop-commands::x'],
  ['x ##[error]y', 'x ##[error]y', 'x # #[error]y'],
  ['abc\u202edef', 'abcdef', 'abc\u202edef'],
  ['0/3000060::text', '0/3000060::text', '0/3000060::text'],
])('%j is %j on one line and %j on a terminal', (raw, line, terminal) => {
  expect([plain(raw), forTerminal(raw)]).toEqual([line, terminal]);
});

test('JSON keeps its meaning on a terminal', () => {
  const value = { text: 'a\u009b31m\u007f ##[group] \u2028 ::error::' };
  const json = forTerminal(asciiControls(JSON.stringify(value, null, 2)));
  expect(JSON.parse(json)).toEqual(value);
});

test('JSON escapes the marks that change the direction of a text, and keeps its meaning', () => {
  const marks = '\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069';
  const value = { [`PASS${marks}`]: `cut\u202e${marks}` };
  const json = asciiControls(JSON.stringify(value));
  expect(json).toMatch(/^[\x20-\x7e]+$/);
  expect(json).toContain('cut\\u202e');
  expect(JSON.parse(json)).toEqual(value);
});

describe('a write to the terminal that fails', () => {
  const full = (args: readonly string[], which: 'stdout' | 'stderr') => {
    const file = openSync('/dev/full', 'w');
    const stdio =
      which === 'stdout'
        ? (['ignore', file, 'pipe'] as const)
        : (['ignore', 'pipe', file] as const);
    const env = { ...process.env, FORKPOINT_REPORTS: folder };
    const { status, stderr } = spawnSync(process.execPath, [cli, ...args], {
      stdio: [...stdio],
      env,
      encoding: 'utf8',
    });
    closeSync(file);
    return { status, stderr: which === 'stdout' ? stderr : '' };
  };
  test.skipIf(process.platform !== 'linux').each([
    [['judge', run], 'stdout'],
    [['history', run], 'stdout'],
    [['report', run, '--format', 'json'], 'stdout'],
    [['check', 'partition-5s'], 'stdout'],
    [['check', 'partition-5s'], 'stderr'],
  ] as const)('%j with a full %s ends with 4 and no stack', { timeout: 60_000 }, (args, which) => {
    rmSync(path.join(run, 'summary.txt'), { force: true });
    const { status, stderr } = full(args, which);
    expect({ status, stack: /^ {4}at /m.test(stderr) }).toEqual({ status: 4, stack: false });
    if (which === 'stdout') expect(stderr).toContain('cannot write to stdout: ');
    // The result is written nevertheless.
    if (args[0] === 'judge')
      expect(readFileSync(path.join(run, 'summary.txt'), 'utf8')).toContain('Verdict');
  });

  test(
    'because the reader closed the pipe is no failure of a command that only prints',
    { timeout: 60_000 },
    () => {
      const sh = (command: string) =>
        spawnSync('bash', ['-c', `set -o pipefail; ${process.execPath} ${cli} ${command} | true`], {
          env: { ...process.env, FORKPOINT_REPORTS: folder },
          encoding: 'utf8',
        });
      expect(sh(`history ${run}`)).toMatchObject({ status: 0, stderr: '' });
      expect(sh(`judge ${run}`).status).toBe(4);
    },
  );
});

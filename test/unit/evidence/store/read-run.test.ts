import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { appendFile, chmod, cp, mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Result } from '../../../../src/contracts/result.ts';
import { exitCodes } from '../../../../src/commands/support/output.ts';
import { isKnownError } from '../../../../src/std/errors.ts';
import { judgeRun } from '../../../../src/judge/judge.ts';
import { findRun } from '../../../../src/evidence/store/run-folders.ts';
import { loadRegistry } from '../../../../src/registry.ts';
import summary from '../../../../src/reporters/summary.ts';
import { callCli } from '../../../helpers/call-cli.ts';
import { runCli, type CliOptions } from '../../../helpers/cli.ts';
import { lines, storedEvents, storedReadBack, storeRun } from '../../../helpers/stored-run.ts';

const registry = await loadRegistry();
const folder = mkdtempSync(path.join(tmpdir(), 'forkpoint-damaged-'));
const whole = path.join(folder, 'whole');
const foreign = path.join(folder, 'foreign');
beforeAll(async () => {
  await storeRun(whole);
  await storeRun(foreign, { journalRunId: '20260102t000000z-fedcba' });
});
afterAll(() => rmSync(folder, { recursive: true }));

type Damage = (run: string) => Promise<unknown>;
let runs = 0;

async function damaged(damage: Damage): Promise<string> {
  const run = path.join(folder, `run${runs++}`);
  await cp(whole, run, { recursive: true });
  await damage(run);
  return run;
}

async function cli(args: readonly string[], options: Partial<CliOptions> = {}) {
  const asked = { reports: folder, ...options };
  // Reading as another user needs a process of that user.
  const { exitCode, stdout, stderr } = await (asked.prefix ? runCli : callCli)(args, asked);
  expect(`${stdout}${stderr}`).not.toMatch(/^ {4}at |bug in Forkpoint/m);
  return { exitCode, stdout, stderr };
}

/** As the command does it, without a process for each case. */
async function judge(run: string): Promise<{ readonly exitCode: number; readonly said: string }> {
  try {
    const result = await judgeRun(await findRun(run), registry);
    return { exitCode: exitCodes[result.status], said: summary.render(result) };
  } catch (error) {
    // Any other error is printed with a stack.
    if (!isKnownError(error)) throw error;
    return { exitCode: error.exitCode, said: error.message };
  }
}

type Edit = (value: Record<string, unknown>) => unknown;
const edit =
  (name: string, change: Edit): Damage =>
  async (run) => {
    const file = path.join(run, name);
    const value = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...value, ...(change(value) as object) }));
  };
const put =
  (name: string, text: string): Damage =>
  (run) =>
    writeFile(path.join(run, name), text);
const remove =
  (name: string): Damage =>
  (run) =>
    rm(path.join(run, name), { recursive: true });
const asFolder =
  (name: string): Damage =>
  async (run) => {
    await rm(path.join(run, name), { recursive: true });
    await mkdir(path.join(run, name));
  };
const event = (index: number, over: object): Damage =>
  put(
    'events.jsonl',
    lines(storedEvents.map((each, at) => (at === index ? { ...each, ...over } : each))),
  );
const nodes = (over: object) => ({
  nodes: storedReadBack.nodes.map((node, index) => (index === 0 ? { ...node, ...over } : node)),
});
const writerOf = (over: object) =>
  nodes({ writers: [{ ...storedReadBack.nodes[0]!.writers[0], ...over }] });

describe('a run that ended early is unknown, with what is missing', () => {
  test.each<[string, Damage, string]>([
    ['no readback.json', remove('readback.json'), 'no node was read back'],
    ['no settings.json and no logs', remove('settings.json'), 'Verdict: PASS'],
    [
      'a last event that is torn',
      (run) => appendFile(path.join(run, 'events.jsonl'), '{"atMs"'),
      'events.jsonl:8: not an event (7 characters)',
    ],
    [
      'a journal that is torn',
      (run) => truncate(path.join(run, 'journal/0.bin'), 1000),
      'journal/0.bin: cut at byte ',
    ],
    [
      'an empty journal',
      put('journal/0.bin', ''),
      'journal/0.bin: cut at byte 0: the file is empty',
    ],
    ['no journal', remove('journal'), 'the load began, but none of its journals exists'],
    [
      'an event of a type of a later version',
      event(4, { type: 'eclipse' }),
      'event 5 has the unknown type eclipse',
    ],
  ])('%s', async (_what, damage, said) => {
    const judged = await judge(await damaged(damage));
    expect(judged.said).toContain(said);
    expect(judged.exitCode).toBe(said.startsWith('Verdict: PASS') ? 0 : 2);
  });
});

describe('a flipped sign bit', () => {
  const extra = {
    present: [[-2147483641, -2147483641], ...storedReadBack.nodes[1]!.writers[0]!.present],
  };
  test.each<[string, object, number]>([
    ['in a seq is a row that was never sent', extra, 1],
    ['in a version is a version that was never written', { versions: [[7, -2147483647]] }, 0],
  ])('%s, and the run is judged', async (_what, over, rows) => {
    const run = await damaged(
      edit('readback.json', () => ({
        nodes: storedReadBack.nodes.map((node) => ({
          ...node,
          rows: node.rows + rows,
          writers: [{ ...node.writers[0], ...over }, node.writers[1]],
        })),
      })),
    );
    const { status, writes } = await judgeRun(await findRun(run), registry);
    expect([status, writes.unexpected, writes.lost]).toEqual(['fail', 1, 5]);
  });
});

describe('a run whose harness was killed', () => {
  const boot = { atMs: 1, type: 'phase', phase: 'boot', edge: 'begin' };
  const booted = [boot, { ...boot, atMs: 2, edge: 'end' }];
  const heal = { atMs: 12_000, type: 'phase', phase: 'heal', edge: 'begin' };
  const killed = (events: readonly object[]) =>
    damaged(async (run) => {
      for (const name of ['readback.json', 'result.json']) await rm(path.join(run, name));
      await put('events.jsonl', lines(events))(run);
      if (!events.includes(storedEvents[1]!)) await remove('journal')(run);
    });

  test.each<[string, readonly object[], readonly string[]]>([
    [
      'in its boot',
      [storedEvents[0]!, boot],
      ['the run ended during boot', 'no node was read back', 'no write was acknowledged'],
    ],
    [
      'after its boot',
      [storedEvents[0]!, ...booted],
      ['no node was read back', 'no write was acknowledged'],
    ],
    [
      'while it healed',
      [...storedEvents, heal],
      ['the run ended during heal', 'no node was read back'],
    ],
  ])('%s is unknown, with the phase that it reached', async (_when, events, problems) => {
    const { status, problems: told } = await judgeRun(await killed(events), registry);
    expect({ status, told }).toEqual({ status: 'unknown', told: problems });
  });

  test('during boot reports once that nothing was acknowledged, not for every check', async () => {
    const { said, exitCode } = await judge(await killed([storedEvents[0]!, boot]));
    expect({ exitCode, times: said.match(/^ +.*no write was acknowledged/gim)?.length }).toEqual({
      exitCode: 2,
      times: 1,
    });
  });

  test.each<[string, readonly object[], string]>([
    ['boot', [storedEvents[0]!, boot], 'Its load had not begun, so there is nothing to judge.'],
    ['heal', [...storedEvents, heal], '`forkpoint judge` makes a new one from the evidence.'],
  ])(
    'in %s has no report, and the message names the phase that it reached',
    async (phase, events, advice) => {
      const run = await killed(events);
      expect(await cli(['report', run])).toEqual({
        exitCode: 3,
        stdout: '',
        stderr: `${run}: this run has no result. It got as far as ${phase}, and ended there or is still going on. ${advice}\n`,
      });
    },
  );
});

describe('content that no run writes is refused with its file, and nothing is judged', () => {
  const later = 'schema version 2; this Forkpoint reads version 1';
  test.each<[string, Damage, string]>([
    ['no plan', remove('plan.json'), 'not a run'],
    ['no events', remove('events.jsonl'), 'events.jsonl: is not there'],
    ['empty events', put('events.jsonl', ''), 'events.jsonl: names no run'],
    ['half a plan', put('plan.json', '{"schemaVersion": 1, "sce'), 'plan.json: is not JSON'],
    ['half a readback', put('readback.json', '{"schemaVersion": 1'), 'readback.json: is not JSON'],
    ['a later plan', edit('plan.json', () => ({ schemaVersion: 2 })), `plan.json: ${later}`],
    [
      'a later readback',
      edit('readback.json', () => ({ schemaVersion: 2 })),
      `readback.json: ${later}`,
    ],
    [
      'later settings',
      edit('settings.json', () => ({ schemaVersion: 2 })),
      `settings.json: ${later}`,
    ],
    ['later events', event(0, { schemaVersion: 2 }), `events.jsonl: ${later}`],
    ['a plan that is a list', put('plan.json', '[]'), 'plan.json: schema version none'],
    [
      'a plan without clients',
      edit('plan.json', ({ scenario }) => ({ scenario: { ...(scenario as object), load: {} } })),
      'plan.json: scenario.load.',
    ],
    [
      'a plan whose name leads elsewhere',
      edit('plan.json', ({ scenario }) => ({
        scenario: { ...(scenario as object), name: '../../x' },
      })),
      'plan.json: scenario.name: ',
    ],
    ['a negative seed', edit('plan.json', () => ({ seed: -1 })), 'plan.json: seed: '],
    [
      'negative rows',
      edit('readback.json', () => nodes({ rows: -1 })),
      'readback.json: nodes.0.rows: ',
    ],
    [
      'rows as text',
      edit('readback.json', () => nodes({ rows: '35' })),
      'readback.json: nodes.0.rows: ',
    ],
    [
      'ranges that overlap',
      edit('readback.json', () =>
        writerOf({
          present: [
            [0, 9],
            [5, 12],
          ],
        }),
      ),
      'nodes.0.writers.0.present: not a list of ascending ranges',
    ],
    [
      'a row below 32 bits',
      edit('readback.json', () => writerOf({ present: [[-(2 ** 31) - 1, 9]] })),
      'nodes.0.writers.0.present: ',
    ],
    [
      'ranges that do not add up to the rows',
      edit('readback.json', () => nodes({ rows: 36 })),
      'nodes.0: rows: 36, but the listed rows add up to 35',
    ],
    [
      'a corrupted row that is not there',
      edit('readback.json', () => writerOf({ corrupted: [20] })),
      'nodes.0: writer 0: row 20 is not among its rows',
    ],
    [
      'a position that is none',
      edit('readback.json', () => nodes({ lsn: 'somewhere' })),
      'readback.json: nodes.0.lsn: not a WAL position',
    ],
    [
      'a primary that is no node',
      edit('readback.json', () => ({ primary: 'pg9' })),
      'readback.json: primary: no node is called that',
    ],
    [
      'a node twice',
      edit('readback.json', ({ nodes: all }) => ({
        nodes: [...(all as object[]), (all as object[])[0]],
      })),
      'readback.json: nodes: a node stands there twice',
    ],
    [
      'a role that there is not',
      edit('settings.json', () => ({ members: [{ node: 'pg1', role: 'king', parameters: {} }] })),
      'settings.json: members.0.role: ',
    ],
    [
      'an event without its node',
      event(2, { targets: undefined }),
      'events.jsonl: event 3 (inject): targets: ',
    ],
    ['an event before the run', event(3, { atMs: -5 }), 'events.jsonl: event 4 (undo): atMs: '],
    [
      'an origin that is no number',
      event(1, { originNs: 'x' }),
      'events.jsonl: event 2 (load): originNs: ',
    ],
    [
      'events of two runs',
      (run) =>
        appendFile(path.join(run, 'events.jsonl'), lines([{ ...storedEvents[0], runId: 'other' }])),
      'and of run other',
    ],
    [
      "another run's readback",
      edit('readback.json', () => ({ runId: 'other' })),
      'readback.json is of run other, events.jsonl of run',
    ],
    [
      "another run's journal",
      (run) => cp(path.join(foreign, 'journal'), path.join(run, 'journal'), { recursive: true }),
      'journal of run 20260102t000000z-fedcba, not of run',
    ],
    [
      'the same journal twice',
      (run) => cp(path.join(run, 'journal/0.bin'), path.join(run, 'journal/1.bin')),
      'both hold writer 0: one is a copy',
    ],
    ['a folder as a file', asFolder('readback.json'), 'readback.json: cannot be read: EISDIR'],
    ['a folder as events', asFolder('events.jsonl'), 'events.jsonl: cannot be read: EISDIR'],
    [
      'a file as the folder of journals',
      async (run) => {
        await rm(path.join(run, 'journal'), { recursive: true });
        await writeFile(path.join(run, 'journal'), '');
      },
      'journal: cannot be read: ENOTDIR',
    ],
  ])('%s', async (_what, damage, said) => {
    const judged = await judge(await damaged(damage));
    expect(judged.said).toContain(said);
    expect({ exitCode: judged.exitCode, lines: judged.said.split('\n').length }).toEqual({
      exitCode: 3,
      lines: 1,
    });
  });
});

describe('every other command that reads a run refuses it without the files that it needs', () => {
  const asResult = (over: Partial<Record<keyof Result, unknown>>) =>
    edit('result.json', () => over);
  const writes = (over: object) =>
    edit('result.json', (result) => ({ writes: { ...(result.writes as object), ...over } }));
  test.each<[string, readonly string[], Damage, string]>([
    ['report: no result', ['report'], remove('result.json'), '`forkpoint judge` makes a new one'],
    ['report: half a result', ['report'], put('result.json', '{'), 'result.json: is not JSON'],
    [
      'report: a later result',
      ['report'],
      asResult({ schemaVersion: 2 }),
      'result.json: schema version 2',
    ],
    ['report: negative losses', ['report'], writes({ lost: -3 }), 'result.json: writes.lost: '],
    [
      'report: more lost than acknowledged',
      ['report'],
      writes({ lost: 1_000 }),
      'result.json: writes.lost: ',
    ],
    [
      'report: a negative outage',
      ['report'],
      asResult({ outage: { longestMs: -1, perFault: [] } }),
      'result.json: outage.longestMs: ',
    ],
    [
      "report: another run's result",
      ['report'],
      asResult({ runId: 'other' }),
      'result.json: is of run other, events.jsonl of run',
    ],
    [
      'report: a folder that leads elsewhere',
      ['report'],
      asResult({ folder: '$(rm -rf x)' }),
      'result.json: folder: ',
    ],
    ['history: no journal', ['history'], remove('journal'), 'holds no journal'],
    [
      "history: another run's journal",
      ['history'],
      (run) => cp(path.join(foreign, 'journal'), path.join(run, 'journal'), { recursive: true }),
      'journal of run 20260102t000000z-fedcba, not of run',
    ],
    ['history: no plan', ['history'], remove('plan.json'), 'not a run'],
    [
      'replay: a later plan',
      ['replay'],
      edit('plan.json', () => ({ schemaVersion: 2 })),
      'plan.json: schema version 2',
    ],
    ['replay: no events', ['replay'], remove('events.jsonl'), 'events.jsonl: is not there'],
    [
      'replay: a fault and a check there are no more',
      ['replay'],
      edit('plan.json', ({ scenario }) => {
        const plan = scenario as { readonly faults: readonly object[]; readonly expect: object };
        return {
          scenario: {
            ...plan,
            faults: plan.faults.map((step) => ({ ...step, fault: 'partitoin' })),
            expect: { ...plan.expect, luck: 1 },
          },
        };
      }),
      "this plan cannot be run again:\n  there is no fault 'partitoin' any more; did you mean 'partition'?\n  there is no check 'luck' any more",
    ],
    [
      'replay: a backend there is no more',
      ['replay'],
      edit('plan.json', () => ({ backend: 'vax' })),
      "there is no backend 'vax' any more",
    ],
    [
      'replay: a workload there is no more',
      ['replay'],
      edit('plan.json', ({ scenario }) => {
        const plan = scenario as { readonly load: object };
        return { scenario: { ...plan, load: { ...plan.load, workload: 'abacus' } } };
      }),
      "there is no workload 'abacus' any more",
    ],
    ['bundle: no run', ['bundle'], remove('plan.json'), 'not a run'],
  ])('%s', async (_what, [command = '', ...more], damage, said) => {
    const { exitCode, stderr } = await cli([command, await damaged(damage), ...more]);
    expect(stderr).toContain(said);
    expect(exitCode).toBe(3);
  });
});

describe('a run that this user may not read is an error of the host', () => {
  const isRoot = process.getuid?.() === 0;
  // Permissions do not stop root, so another user reads.
  const prefix = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  test.each([
    ...(['plan.json', 'events.jsonl', 'readback.json', 'settings.json', 'journal'] as const),
    'journal/0.bin',
  ])('%s', async (name) => {
    const run = await damaged((made) => chmod(path.join(made, name), 0));
    await chmod(folder, 0o755);
    const { exitCode, stderr } = await cli(['judge', run], { prefix });
    expect(stderr).toContain(name);
    expect({ exitCode, said: /EACCES|permission denied/.test(stderr) }).toEqual({
      exitCode: 4,
      said: true,
    });
    await chmod(path.join(run, name), 0o755);
  });

  test('and so is a folder where reports cannot be written', async () => {
    const run = await damaged((made) => chmod(made, 0o555));
    await chmod(folder, 0o755);
    const { exitCode, stderr } = await cli(['judge', run], { prefix });
    expect(stderr).toContain(`cannot write ${run}/`);
    expect(exitCode).toBe(4);
  });
});

test.each(['../whole', '../../etc', '..', 'x/../../whole', '/nonexistent', ''])(
  'RUN %j is a path, and is not looked up in the reports folder',
  async (name) => {
    const inner = path.join(folder, 'inner');
    await mkdir(inner, { recursive: true });
    const { exitCode, stderr } = await cli(['judge', name], { reports: inner });
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`Looked for plan.json in ${path.resolve(name)}.`);
  },
);

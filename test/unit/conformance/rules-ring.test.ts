import { expect, test } from 'vitest';
import { tryExtensions, type RuleOutcome } from '../../../src/conformance/conformance.ts';
import type { ClusterBackend } from '../../../src/contracts/backend.ts';
import type { Check, Reporter } from '../../../src/contracts/evidence.ts';
import type { Fault } from '../../../src/contracts/fault.ts';
import type { ShellKind } from '../../../src/contracts/shell.ts';
import type { RowsWorkload, Workload } from '../../../src/contracts/workload.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { scriptedShell } from '../../helpers/shells.ts';

const registry = await loadRegistry('');
const loose = { safeParse: (raw: unknown) => ({ success: true as const, data: raw as never }) };
const url = new URL('file:///x.ts');

interface Own {
  readonly faults?: Fault;
  readonly workloads?: Workload;
  readonly checks?: Check;
  readonly reporters?: Reporter;
  readonly shells?: ShellKind;
  readonly backends?: ClusterBackend;
}

/** The rules that an extension called `bad` breaks. */
async function brokenBy(own: Own): Promise<readonly string[]> {
  const outcomes: RuleOutcome[] = [];
  const only = <T>(extension: T | undefined) =>
    new Map(extension === undefined ? [] : [['bad', { extension, url }]]);
  await tryExtensions(
    {
      faults: only(own.faults),
      workloads: only(own.workloads),
      checks: only(own.checks),
      reporters: only(own.reporters),
      shells: only(own.shells),
      backends: only(own.backends),
    },
    { registry, server: undefined, report: (outcome) => outcomes.push(outcome) },
  );
  return outcomes.filter(({ status }) => status === 'broken').map(({ says }) => says);
}

const noop = registry.faults.get('noop')!;

test('a fault that acts before it registers its undo is caught, and so is one that does not heal', async () => {
  const harm: Fault['inject'] = async (targets, _params, context) => {
    for (const node of targets) await node.process?.signal('postgres', 'SIGSTOP');
    for (const { name } of targets) context.undo({ do: 'resume', node: name, target: 'postgres' });
    return null;
  };
  const late: Fault = { ...noop, targets: 'nodes', inject: harm };
  expect(await brokenBy({ faults: late })).toContain(
    'registers every undo before the first harm to a node',
  );
  const kept: Fault = {
    ...late,
    inject: (targets, params, context) =>
      harm(targets, params, { ...context, undo: () => undefined }),
  };
  expect(await brokenBy({ faults: kept })).toContain('leaves the cluster whole after healing');
});

test('a workload that reuses a seq, or writes differently with the same seed, is caught', async () => {
  const ledger = registry.workloads.get('ledger') as RowsWorkload;
  const reusing: Workload = {
    ...ledger,
    writer: (number, context) => {
      const writer = ledger.writer(number, context);
      return { ...writer, next: () => ({ ...writer.next(), seq: 0 }), settle: () => undefined };
    },
  };
  expect(await brokenBy({ workloads: reusing })).toContain(
    'numbers its rows densely from 0 and their versions densely from 1, whatever the outcomes',
  );
  let made = 0;
  const moody: Workload = {
    ...ledger,
    writer: (number, context) => ledger.writer(number, { ...context, seed: (made += 1) }),
  };
  expect(await brokenBy({ workloads: moody })).toEqual([
    'repeats its operations from the same seed',
  ]);
});

test('a check that passes an unmeasured value, accepts any demand or changes its evidence is caught', async () => {
  const kind: Check = {
    summary: 'Passes whatever there is.',
    params: loose,
    check: ({ result }) => {
      (result.problems as string[]).length = 0;
      return { status: 'pass', summary: 'fine', measured: null };
    },
  };
  expect(await brokenBy({ checks: kind })).toEqual([
    'rejects junk in place of its demand',
    'judges every run in one line, always the same, and changes nothing',
    'does not pass a run in which nothing was measured',
  ]);
});

test('a reporter that passes on foreign escape sequences, or writes elsewhere, is caught', async () => {
  const raw: Reporter = { fileName: '../x', render: ({ claim }) => `${claim} ${Math.random()}` };
  expect(await brokenBy({ reporters: raw })).toEqual([
    'writes a file of its own in the folder of the run',
    'renders every run, always the same, and changes nothing',
    "keeps control characters of others' words out of its text",
  ]);
});

test('a shell that loses arguments, output or the exit status is caught', async () => {
  const deaf: ShellKind = {
    summary: 'Answers everything with silence.',
    params: registry.shells.get('local')!.params,
    make: () => scriptedShell(),
  };
  expect(await brokenBy({ shells: deaf })).toEqual([
    'passes every argument on unchanged',
    'returns output, errors and the exit status apart',
    'gives a command its input, and none where there is none',
    'ends a command that takes too long, with exit code 124',
    'rejects with the reason of the signal that stops it',
    'holds the streams of a command, and knows how it ended',
  ]);
});

test('a backend that repeats names, offers what there is not, gives no reasons or changes the host is caught', async () => {
  const careless: ClusterBackend = {
    summary: 'Promises more than there is.',
    params: loose,
    nodeNames: ({ nodes }) => Array<string>(nodes).fill('leader'),
    offers: ['sql', 'levitation' as never],
    lacks: () => ({ power: '' }),
    topologies: ['patroni', 'patroni'],
    sites: ['moon'],
    parameters: () => ({ work_mem: 4 as never }),
    preflight: () => {
      process.env.OF_A_CARELESS_BACKEND = 'x';
      return Promise.resolve([]);
    },
    boot: () => Promise.reject(new Error('not tried')),
  };
  const broken = await brokenBy({ backends: careless });
  delete process.env.OF_A_CARELESS_BACKEND;
  expect(broken).toEqual([
    'in `cluster:`, rejects a key that it does not have',
    'in `cluster:`, rejects junk in each of its keys, naming the key',
    'makes clusters of known topologies, each named once',
    "has client sites, among them 'clients', where load runs unless a scenario says otherwise",
    'names every node of a cluster of 1 to 9 once, and none with a word for targets',
    'offers known capabilities, each once',
    'gives the reason for each capability that a cluster lacks, as root and as an ordinary user',
    'sets parameters of its servers as text',
    'checks the host before a boot within a minute, says how to get what is missing, and changes nothing',
  ]);
  const silent: ClusterBackend = {
    ...careless,
    preflight: () => Promise.resolve([{ name: 'etcd', isMissing: true, detail: 'not there' }]),
  };
  expect((await brokenBy({ backends: silent })).at(-1)).toContain('checks the host');
});

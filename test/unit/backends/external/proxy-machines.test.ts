import { afterEach, expect, test, vi } from 'vitest';
import { examineMachines } from '../../../../src/backends/external/examine-machines.ts';
import { guardOf } from '../../../../src/backends/external/guard.ts';
import { Machines } from '../../../../src/backends/external/machines.ts';
import type { NodeAccess } from '../../../../src/backends/external/access.ts';
import { externalParams } from '../../../../src/backends/external/params.ts';
import type { CapabilityName } from '../../../../src/contracts/cluster.ts';
import type { Shell } from '../../../../src/contracts/shell.ts';

afterEach(() => vi.restoreAllMocks());

const shell = ['ssh', 'nowhere'];
const params = externalParams.parse({
  consent: ['network', 'shaping', 'disk', 'shell'],
  credentials: { user: 'app' },
  nodes: { db1: { host: '10.0.0.1', shell } },
  proxies: { lb1: { host: '10.0.0.7', shell } },
});
const [node] = Object.values(params.nodes);
const access = { name: 'db1', endpoint: { host: '10.0.0.1', port: 5432 }, params: node };

/** Machines that answer as they should, but for what `facts` says; `opened`: the scripts that were started, by machine. */
function machinesOf(facts: (name: string) => object = () => ({})) {
  const machines = new Machines([access as unknown as NodeAccess], params);
  const opened = new Map<string, string>();
  vi.spyOn(machines, 'facts').mockImplementation((name) => {
    const sound = { uid: 0, hasBash: true, identity: name, addresses: [], cards: {} };
    return Promise.resolve().then(() => ({
      ...sound,
      way: undefined,
      device: 'eth0',
      ...facts(name),
    }));
  });
  vi.spyOn(machines, 'shell').mockImplementation((name): Shell => ({
    description: name,
    run: () => Promise.resolve({ exitCode: 0, stdout: '', stderr: '' }),
    open: (argv) => {
      opened.set(name, argv.join('\n'));
      return Promise.reject(new Error('no timer here'));
    },
  }));
  vi.spyOn(machines, 'before').mockResolvedValue(new Map());
  return { machines, opened };
}

async function timersFor(needs: readonly CapabilityName[]): Promise<ReadonlyMap<string, string>> {
  const { machines, opened } = machinesOf();
  await expect(guardOf({ machines, needs }).guard?.('a-run')).rejects.toThrow('no timer here');
  return opened;
}

test.each([
  ['process', ['db1']],
  ['disk', ['db1']],
  ['network', ['db1', 'lb1']],
  ['shaping', ['db1', 'lb1']],
] as const)('a plan that needs %s has timers on %j', async (need, names) => {
  expect([...(await timersFor([need])).keys()]).toEqual(names);
});

test("a proxy's timer resumes no processes: no fault stops any there", async () => {
  const healed = async (name: string) =>
    /^heal\(\) \{\n {2}(\S+)\n {2}clear_rules$/m.exec(
      (await timersFor(['network'])).get(name) ?? '',
    );
  expect((await healed('db1'))?.[1]).toBe('resume');
  expect((await healed('lb1'))?.[1]).toBe(':');
});

const gone = (name: string) => {
  if (name === 'lb1') throw new Error('lb1: no answer');
  return {};
};

test.each([
  [['shell'], []],
  [['network'], ['lb1: no answer']],
  [['shaping'], ['lb1: no answer']],
] as const)(
  'a proxy that does not answer, for a plan that needs %j: %j',
  async (needs, problems) => {
    expect(await examineMachines(machinesOf(gone).machines, params, needs)).toEqual(problems);
  },
);

test('a proxy without a network card is refused where cards are shaped, and only there', async () => {
  const { machines } = machinesOf((name) => (name === 'lb1' ? { device: undefined } : {}));
  expect(await examineMachines(machines, params, ['network'])).toEqual([]);
  expect(await examineMachines(machines, params, ['shaping'])).toEqual([
    'lb1: no network card with its address was found',
  ]);
});

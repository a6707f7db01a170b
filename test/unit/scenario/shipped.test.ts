import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadRegistry } from '../../../src/registry.ts';
import { renderSchema } from '../../../src/scenario/parse/json-schema.ts';
import { parseScenario } from '../../../src/scenario/parse/parse.ts';
import { planScenario } from '../../../src/scenario/plan/plan.ts';
import { readScenarioFile } from '../../../src/scenario/read.ts';

const registry = await loadRegistry();
const folder = new URL('../../../scenarios/', import.meta.url);
const shipped = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

describe.each(shipped)('scenarios/%s', (file) => {
  const name = file.replace(/\.yaml$/, '');
  const text = readFileSync(new URL(file, folder), 'utf8');

  test('can be planned, under the name of its file', async () => {
    const scenario = await readScenarioFile(name, { registry });
    expect(planScenario(scenario, { seed: 1, registry }).scenario.name).toBe(name);
  });

  test('begins with the schema for editors and describes what happens, why it is hard, what it does not cover and its source', () => {
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/schema\.json\n/);
    for (const part of [
      'What happens:',
      'Why it is hard:',
      'What it does not cover:',
      'Source:',
      'Calibrated on',
    ]) {
      expect(text).toContain(part);
    }
  });
});

test('partition-5s has exactly its known values', async () => {
  const {
    cluster,
    load,
    faults,
    expect: demands,
  } = await readScenarioFile('partition-5s', { registry });
  expect({
    cluster,
    load,
    faults: faults.map((step) => ({ ...step, line: 0, column: 0 })),
    demands,
  }).toEqual({
    cluster: {
      nodes: 3,
      topology: 'patroni',
      synchronous: 'off',
      parameters: {},
      convergeMs: 60_000,
      patroni: { ttl: 30, loop_wait: 5, retry_timeout: 10 },
    },
    load: {
      workload: 'ledger',
      clients: 16,
      ratePerSecond: 500,
      durationMs: 30_000,
      batch: 1,
      mix: { insert: 0.8, update: 0.2, delete: 0 },
      payloadBytes: 256,
      deadlineMs: 5000,
      site: 'clients',
      params: { serverIds: false, partitions: 0 },
    },
    faults: [
      {
        id: 'partition#1',
        fault: 'partition',
        target: 'leader',
        atMs: 10_000,
        holdMs: 5000,
        params: { from: 'all', service: 'all', direction: 'both' },
        line: 0,
        column: 0,
      },
    ],
    demands: {
      lost: { kind: 'count', op: '==', value: 0 },
      unexpected: { kind: 'count', op: '==', value: 0 },
      failovers: { kind: 'count', op: '==', value: 0 },
      outage: { kind: 'duration', op: '<', value: 15_000 },
      replicas: 'agree',
    },
  });
});

describe('docs/scenario-format.md', () => {
  const doc = readFileSync(new URL('../../../docs/scenario-format.md', import.meta.url), 'utf8');
  const blocks = [...doc.matchAll(/^```yaml( wrong)?\n(.*?)^```\n(?:```text\n(.*?)^```)?/gms)];
  const right = blocks.filter(([, wrong]) => wrong === undefined).map(([, , yaml = '']) => yaml);
  const wrong = blocks
    .filter(([, isWrong]) => isWrong !== undefined)
    .map(([, , yaml = '', message = '']) => [yaml, message.trim()] as const);

  /** A block with one section is appended to the keys that every scenario needs. */
  function whole(block: string): string {
    if (/^name:/m.test(block)) return block;
    const load = /^load:/m.test(block) ? '' : 'load: { duration: 30s }\n';
    return `name: x\nclaim: It holds.\n${/^expect:/m.test(block) ? '' : load}${block}${/^expect:/m.test(block) ? load : ''}`;
  }

  function plan(block: string): void {
    const scenario = parseScenario(whole(block), { file: 'x.yaml', registry });
    planScenario(scenario, { seed: 1, registry });
  }

  test.each(right)('its snippet is a scenario: %#', (block) => {
    expect(() => plan(block)).not.toThrow();
  });

  test.each(wrong)('its wrong snippet gives the message shown: %#', (block, message) => {
    let said = 'nothing';
    try {
      plan(block);
    } catch (error) {
      said = (error as Error).message;
    }
    expect(said).toBe(message);
  });

  test('it lists every fault, and has both kinds of snippet', () => {
    for (const fault of registry.faults.keys()) expect(doc).toContain(`| \`${fault}\` |`);
    expect([right.length, wrong.length]).toEqual([18, 13]);
  });
});

interface Step {
  readonly properties: Readonly<Record<string, { readonly const?: string }>>;
}

describe('the JSON Schema', () => {
  const schema = JSON.parse(renderSchema(registry)) as {
    readonly properties: Readonly<
      Record<
        string,
        { readonly properties?: object; readonly items?: { readonly anyOf: readonly Step[] } }
      >
    >;
  };

  test('knows every key, check and fault', () => {
    expect(Object.keys(schema.properties)).toEqual([
      ...[
        'name',
        'claim',
        'backend',
        'cluster',
        'load',
        'downstream',
        'faults',
        'expect',
        'verify',
        'evidence',
        'hold',
        'thresholds',
        'incident',
        'cure',
      ],
    ]);
    expect(Object.keys(schema.properties.expect?.properties ?? {})).toEqual([
      ...registry.checks.keys(),
      'when',
      'phases',
    ]);
    expect(schema.properties.faults?.items?.anyOf).toHaveLength(registry.faults.size);
  });

  test('knows the keys of a fault and of the workload', () => {
    expect(schema.properties.load?.properties).toMatchObject({
      duration: { type: 'string' },
      partitions: { type: 'integer' },
    });
    const steps = schema.properties.faults?.items?.anyOf ?? [];
    const partition = steps.find(({ properties }) => properties.fault?.const === 'partition');
    expect(partition).toMatchObject({
      properties: { direction: { enum: ['both', 'in', 'out'] }, target: { type: 'string' } },
      required: ['fault', 'target'],
      additionalProperties: false,
    });
  });

  test('the committed file is what the sources generate', () => {
    expect(readFileSync(new URL('schema.json', folder), 'utf8')).toBe(renderSchema(registry));
  });
});

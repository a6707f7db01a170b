import { describe, expect, test } from 'vitest';
import type { LossCause } from '../../../src/contracts/result.ts';
import type { Conditions, Scenario } from '../../../src/contracts/scenario.ts';
import { demandOf } from '../../../src/judge/demands.ts';
import { conclude } from '../../../src/judge/conclude.ts';
import { loadRegistry } from '../../../src/registry.ts';
import { parseScenario } from '../../../src/scenario/parse/parse.ts';
import { describePlan, planScenario } from '../../../src/scenario/plan/plan.ts';
import { conditionsHold } from '../../../src/std/units/units.ts';
import { measuredRun } from '../../helpers/result.ts';
import { scenarioRegistry, scenarioText } from '../../helpers/scenario-registry.ts';

const registry = await loadRegistry();
const byPatroni = `{ unexpected: 0, when: [{ patroni: "< 3.0.3", lost: ">= 1" }, { patroni: ">= 3.0.3", lost: 0 }] }`;

function read(demands: string, extra = ''): Scenario {
  const text = `name: x\nclaim: It holds.\nload: { duration: 30s }\n${extra}expect: ${demands}\n`;
  return parseScenario(text, { file: 'x.yaml', registry });
}

/** The condition of a block with this key, as the parser stores it. */
function condition(key: string, value: string): Conditions {
  return read(`{ when: [{ ${key}: ${value}, lost: 0 }] }`).expectWhen![0]!.conditions;
}

function ranOn(
  versions: Partial<Record<'postgres' | 'patroni' | 'dcs', string>>,
  backend = 'local',
) {
  const known = { postgres: '15.20', patroni: '3.0.2', dcs: 'etcd 3.4.23', ...versions };
  return { versions: known, backend };
}

describe('a condition', () => {
  test.each([
    ['"< 3.0.10"', '3.0.2', true],
    ['"< 3.0.2"', '3.0.10', false],
    ['"< 3.0.3"', '3.0.3', false],
    ['"<= 3.0.3"', '3.0.3', true],
    ['"> 3.0"', '3.0.2', false],
    ['"> 3.0"', '3.1.0', true],
    ['">= 3.0.3"', '3.1', true],
    ['"!= 3.0.2"', '3.0.2', false],
    ['">= 3.2, < 4"', '3.3.4', true],
    ['">= 3.2, < 4"', '4.0.7', false],
    ['"3.0"', '3.0.2', true],
    ['3', '3.0.2', true],
    ['">= 4"', '4.0.0rc1', true],
    ['"< 3.0.3"', 'unknown', undefined],
    ['"< 3.0.3"', '', undefined],
    ['"< 3.0.3"', 'none', false],
  ])('patroni: %s on %s is %s', (demand, patroni, holds) => {
    expect(conditionsHold(condition('patroni', demand), ranOn({ patroni }))).toBe(holds);
  });

  test.each([
    ['15.20 (Debian 15.20-0+deb12u1)', true],
    ['PostgreSQL 15.18 on x86_64-pc-linux-gnu, compiled by gcc 12.2.0, 64-bit', true],
    ['15', true],
    ['17.11 (Debian 17.11-1.pgdg13+1)', false],
    ['16beta2', false],
    ['9.6.24', false],
  ])('postgres: 15 on %s is %s', (postgres, holds) => {
    expect(conditionsHold(condition('postgres', '15'), ranOn({ postgres }))).toBe(holds);
  });

  test.each([
    ['etcd', 'etcd 3.4.23', true],
    ['"etcd < 3.5"', 'etcd 3.4.23', true],
    ['"< 3.5"', 'etcd 3.5.16', false],
    ['consul', 'etcd 3.5.16', false],
    ['etcd', 'etcd3 v3.5.16', true],
    ['"etcd < 3.5"', 'etcd', undefined],
    ['etcd', 'unknown', undefined],
    ['etcd', 'none', false],
  ])('dcs: %s on %s is %s', (demand, dcs, holds) => {
    expect(conditionsHold(condition('dcs', demand), ranOn({ dcs }))).toBe(holds);
  });

  test('holds if all parts hold, and is open if one version is unknown and the rest holds', () => {
    const both = read('{ when: [{ patroni: 3, backend: local, lost: 0 }] }').expectWhen![0]!;
    const { conditions } = both;
    expect([
      conditionsHold(conditions, ranOn({})),
      conditionsHold(conditions, ranOn({}, 'docker')),
      conditionsHold(conditions, ranOn({ patroni: 'unknown' })),
      conditionsHold(conditions, ranOn({ patroni: 'unknown' }, 'docker')),
    ]).toEqual([true, false, undefined, false]);
  });
});

describe('the demand', () => {
  const lost = (op: string, value: number) => ({ kind: 'count', op, value });

  test('comes from the block whose condition holds', () => {
    const scenario = read(byPatroni);
    expect([
      demandOf('lost', scenario, ranOn({ patroni: '3.0.2' })),
      demandOf('lost', scenario, ranOn({ patroni: '4.0.7' })),
      demandOf('lost', scenario, ranOn({ patroni: 'unknown' })),
      demandOf('unexpected', scenario, ranOn({ patroni: 'unknown' })),
      demandOf('failovers', scenario, ranOn({})),
    ]).toEqual([
      { kind: 'demanded', demand: lost('>=', 1), where: 'patroni < 3.0.3' },
      { kind: 'demanded', demand: lost('==', 0), where: 'patroni >= 3.0.3' },
      { kind: 'open', where: 'patroni >= 3.0.3' },
      { kind: 'demanded', demand: lost('==', 0) },
      { kind: 'none' },
    ]);
  });

  test('comes from the last block that holds, or from `expect` itself if none does', () => {
    const scenario = read(
      '{ lost: 1, when: [{ postgres: 15, lost: 2 }, { backend: local, lost: 3 }, { postgres: 14, lost: 4 }] }',
    );
    const demands = [ranOn({}), ranOn({}, 'docker'), ranOn({ postgres: '17.11' }, 'docker')].map(
      (facts) => demandOf('lost', scenario, facts),
    );
    expect(demands).toEqual([
      { kind: 'demanded', demand: lost('==', 3), where: 'backend local' },
      { kind: 'demanded', demand: lost('==', 2), where: 'postgres 15' },
      { kind: 'demanded', demand: lost('==', 1) },
    ]);
  });
});

describe('a run that is judged by its versions', () => {
  /** A run of 1,000 writes that lost 5 on this Patroni: its status, and the verdict of `lost`. */
  function judged(patroni: string): readonly [string, string | undefined] {
    const run = measuredRun({ writes: { lost: 5, durable: 995 } });
    const result = { ...run, versions: { ...run.versions, patroni } };
    const plan = planScenario(read(byPatroni), { seed: 1, registry, backend: 'local' });
    // As it comes back from plan.json.
    const stored = JSON.parse(JSON.stringify(plan)) as typeof plan;
    const { status, checks } = conclude({ plan: stored, events: [], result }, registry);
    return [status, checks.find(({ check }) => check === 'lost')?.summary];
  }

  test('passes if the loss is demanded there, fails if it is not, and is unknown without the version', () => {
    expect(['3.0.2', '3.0.3', 'unknown'].map(judged)).toEqual([
      ['pass', 'acknowledged writes lost: 5 (demanded: >= 1), as demanded where patroni < 3.0.3'],
      ['fail', 'acknowledged writes lost: 5 (demanded: 0), as demanded where patroni >= 3.0.3'],
      ['unknown', 'lost: demanded where patroni >= 3.0.3, and no such version was recorded'],
    ]);
  });

  test('has a plan that shows every block', () => {
    const plan = planScenario(read(byPatroni), { seed: 1, registry, backend: 'local' });
    expect(describePlan(plan)).toContain(
      [
        'expect    unexpected 0',
        '          where patroni < 3.0.3: lost >= 1',
        '          where patroni >= 3.0.3: lost 0',
      ].join('\n'),
    );
  });
});

describe('a run with a known defect of its versions', () => {
  const defect = `{ lost: 0, failovers: 1, when: [{ patroni: "< 3.0.3", knownDefect: "patroni #2693", lost: 1..10, failovers: 1..2 }] }`;

  function judged(
    patroni: string,
    { lost = 5, cause = 'forked' }: { readonly lost?: number; readonly cause?: LossCause } = {},
  ): readonly [string, string | null, readonly string[]] {
    const writes = { lost, durable: 1_000 - lost };
    const place = { node: 'pg1', timeline: 1, lsn: null, cause };
    const range = {
      writer: 1,
      from: 1,
      to: lost,
      kind: 'insert',
      ackedAtMs: [0, 1],
      ...place,
    } as const;
    const run = measuredRun({ writes, failovers: 2, lostRanges: [range] });
    const result = { ...run, versions: { ...run.versions, patroni } };
    const plan = planScenario(read(defect), { seed: 1, registry, backend: 'local' });
    const stored = JSON.parse(JSON.stringify(plan)) as typeof plan;
    const { status, knownDefect, checks } = conclude(
      { plan: stored, events: [], result },
      registry,
    );
    const failed = checks.filter((check) => check.status === 'fail').map(({ check }) => check);
    return [status, knownDefect, failed];
  }

  test('ends as that defect, and shows what failed', () => {
    expect(judged('3.0.2')).toEqual(['knownDefect', 'patroni #2693', ['failovers', 'lost']]);
  });

  test('fails on other versions, and where the versions are unknown', () => {
    expect(judged('3.0.3')[0]).toBe('fail');
    expect(judged('unknown').slice(0, 2)).toEqual(['fail', null]);
  });

  test('fails if it does more harm than the defect explains', () => {
    expect(judged('3.0.2', { lost: 11 }).slice(0, 2)).toEqual(['fail', null]);
  });

  test('fails if a loss is unexplained', () => {
    expect(judged('3.0.2', { cause: 'unexplained' }).slice(0, 2)).toEqual(['fail', null]);
  });

  test('needs a name and a condition', () => {
    const problemOf = (when: string) => () => read(`{ lost: 0, when: [${when}] }`);
    expect(problemOf('{ patroni: "< 3", knownDefect: "", lost: 1 }')).toThrow('knownDefect');
    expect(problemOf('{ knownDefect: "patroni #1", lost: 1 }')).toThrow('has no condition');
    expect(problemOf('{ patroni: "< 3", knownDefect: "patroni #1" }')).toThrow('demands nothing');
  });

  test('has a plan that names the issue', () => {
    const plan = planScenario(read(defect), { seed: 1, registry, backend: 'local' });
    expect(describePlan(plan)).toContain(
      '          known defect patroni #2693 where patroni < 3.0.3: lost 1..10, failovers 1..2',
    );
  });
});

describe('a wrong block', () => {
  function messages(when: string): string[] {
    const text = scenarioText().replace('{ lost: 0 }', `{ when: ${when} }`);
    try {
      parseScenario(text, { file: 'x.yaml', registry: scenarioRegistry });
    } catch (error) {
      return (error as Error).message.split('\n');
    }
    return [];
  }

  const place = 'x.yaml:4:';
  test.each([
    [
      '[{ patrni: "< 3", lost: 0 }]',
      `${place}20: expect.when[0]: there is no check 'patrni'; did you mean 'patroni'?`,
    ],
    [
      '[{ patroni: "< 3", losst: 0 }]',
      `${place}36: expect.when[0]: there is no check 'losst'; did you mean 'lost'?`,
    ],
    [
      '[{ patroni: "< 3", lost: few }]',
      `${place}42: expect.when[0].lost: 'few' is not a count such as 0, ">= 1", "< 5" or "1..5"`,
    ],
    [
      '[{ patroni: "=> 3", lost: 0 }]',
      `${place}29: expect.when[0].patroni: '=> 3' is not a version demand such as 15, "< 3.0.3" or ">= 3.2, < 4"`,
    ],
    [
      '[{ patroni: 3.10, lost: 0 }]',
      `${place}29: expect.when[0].patroni: 3.1 must be in quotes: "3.1"; YAML reads 3.10 as 3.1`,
    ],
    [
      '[{ postgres: new, lost: 0 }]',
      `${place}30: expect.when[0].postgres: 'new' is not a version demand such as 15, "< 3.0.3" or ">= 3.2, < 4"`,
    ],
    [
      '[{ dcs: etcdd, lost: 0 }]',
      `${place}25: expect.when[0].dcs: there is no DCS 'etcdd'; did you mean 'etcd'?`,
    ],
    [
      '[{ dcs: etcd new, lost: 0 }]',
      `${place}25: expect.when[0].dcs: 'etcd new' is not a DCS such as etcd, "etcd < 3.5" or "< 3.5"`,
    ],
    [
      '[{ backend: locl, lost: 0 }]',
      `${place}29: expect.when[0].backend: there is no backend 'locl'; did you mean 'local'?`,
    ],
    [
      '[{ patroni: "< 3" }]',
      `${place}18: expect.when[0]: demands nothing: name a check beside the condition`,
    ],
    [
      '[{ lost: 0 }]',
      `${place}18: expect.when[0]: has no condition: use one of patroni, postgres, dcs, backend`,
    ],
    [
      '[x]',
      `${place}18: expect.when[0]: must be a mapping, like { patroni: "< 3.0.3", lost: ">= 1" }`,
    ],
    [
      '{ patroni: 3 }',
      `${place}17: expect.when: must be a list of 1 to 100 blocks, each like { patroni: "< 3.0.3", lost: ">= 1" }`,
    ],
  ])('%s is refused with its position', (when, message) => {
    expect(messages(when)).toEqual([message]);
  });

  test('no check has the name of a condition', () => {
    const names = ['when', 'patroni', 'postgres', 'dcs', 'backend'];
    expect(names.filter((name) => registry.checks.has(name))).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Check, RunEvent, Verdict } from '../../../src/contracts/evidence.ts';
import type { Json } from '../../../src/contracts/json.ts';
import type { Plan } from '../../../src/contracts/scenario.ts';
import { conclude } from '../../../src/judge/conclude.ts';
import { measuredRun } from '../../helpers/result.ts';

function checkOf(status: Verdict['status'], byDefault?: Json): Check {
  return {
    summary: '',
    params: { safeParse: (raw) => ({ success: true, data: raw as Json }) },
    ...(byDefault !== undefined && { byDefault }),
    check: (_evidence, demanded) => ({
      status,
      summary: `saw ${JSON.stringify(demanded).replaceAll('"', '')}`,
      measured: 1,
    }),
  };
}

/** Status of the run, verdict of each check, and its problems if it has any. */
function concluded(
  checks: Readonly<Record<string, Check>>,
  run: Parameters<typeof measuredRun>[0] = {},
  demands: Readonly<Record<string, Json>> = {},
) {
  const plan = { scenario: { expect: demands } } as unknown as Plan;
  const result = conclude(
    { plan, events: [], result: measuredRun(run) },
    { checks: new Map(Object.entries(checks)) },
  );
  const { status, problems } = result;
  return { status, checks: result.checks, ...(problems.length > 0 && { problems }) };
}

const ok = checkOf('pass', true);
const bad = checkOf('fail', true);
const unsure = checkOf('unknown', true);
const saw = (check: string, status: Verdict['status'], demand: string | true = true) => ({
  check,
  status,
  summary: `saw ${String(demand)}`,
  demand,
  measured: 1,
});
const unjudged = (check: string, why: string, demand: true | null = null) => ({
  check,
  status: 'unknown',
  summary: `${check}: ${why}`,
  demand,
  measured: null,
});
const unexplained = {
  writer: 0,
  from: 1,
  to: 1,
  kind: 'insert' as const,
  ackedAtMs: [1, 1] as const,
  node: null,
  timeline: null,
  lsn: null,
  cause: 'unexplained' as const,
};

describe('the verdict of a run', () => {
  it('is pass when every demand was measured and holds', () => {
    expect(concluded({ ok, more: ok })).toEqual({
      status: 'pass',
      checks: [saw('ok', 'pass'), saw('more', 'pass')],
    });
  });

  it('is fail if one demand does not hold, even if another could not be measured', () => {
    expect([
      concluded({ ok, bad }).status,
      concluded({ unsure, bad }).status,
      concluded({ bad, unsure }).status,
    ]).toEqual(['fail', 'fail', 'fail']);
  });

  it('is unknown when a demand could not be measured', () => {
    expect(concluded({ ok, unsure }).status).toBe('unknown');
  });

  it('is unknown if nothing was demanded: without a check there is no pass', () => {
    expect(concluded({ onlyWhereAsked: checkOf('pass') })).toEqual({
      status: 'unknown',
      checks: [],
    });
  });

  it('is unknown for a run in which nothing was acknowledged, and no check runs', () => {
    const why = 'not judged';
    expect(concluded({ ok, bad }, { writes: { acknowledged: 0 } })).toEqual({
      status: 'unknown',
      checks: [unjudged('ok', why, true), unjudged('bad', why, true)],
      problems: ['no write was acknowledged'],
    });
  });

  it('is unknown for a run that did not go as planned, whatever its checks return', () => {
    const problems = ['healing failed'];
    expect([
      concluded({ ok }, { problems }).status,
      concluded({ bad }, { problems }).status,
    ]).toEqual([...['unknown', 'unknown']]);
  });

  it('is fail if a loss has no explanation, whatever the demands and the problems are', () => {
    const lostRanges = [unexplained];
    expect([
      concluded({ ok }, { lostRanges }).status,
      concluded({ ok }, { lostRanges, problems: ['healing failed'] }).status,
      concluded({ onlyWhereAsked: checkOf('pass') }, { lostRanges }).status,
    ]).toEqual(['fail', 'fail', 'fail']);
  });

  it('is unknown if a check throws: its message is in the summary', () => {
    const broken: Check = {
      ...ok,
      check: () => {
        throw new Error('cannot read properties of undefined');
      },
    };
    expect(concluded({ ok, broken })).toEqual({
      status: 'unknown',
      checks: [
        saw('ok', 'pass'),
        unjudged('broken', 'the check itself failed: cannot read properties of undefined', true),
      ],
    });
  });

  it('uses the parsed demand of the scenario, or else the default', () => {
    const strict: Check = {
      ...checkOf('pass', 'by default'),
      params: { safeParse: (raw) => ({ success: true, data: `parsed ${String(raw)}` }) },
    };
    expect(concluded({ strict }, {}, { strict: 'stored' }).checks).toEqual([
      saw('strict', 'pass', 'stored'),
    ]);
    expect(concluded({ strict }).checks).toEqual([saw('strict', 'pass', 'parsed by default')]);
  });

  it('is unknown if a default cannot be read: a bug of the harness is no pass', () => {
    const odd: Check = {
      ...ok,
      params: { safeParse: () => ({ success: false, error: { issues: [] } }) },
    };
    expect(concluded({ odd })).toEqual({
      status: 'unknown',
      checks: [unjudged('odd', 'its demand cannot be read')],
    });
  });

  it('has no default demand on what an older version did not record', () => {
    const unrecorded: Check = { ...bad, isRecorded: () => false };
    expect(concluded({ ok, unrecorded })).toMatchObject({
      status: 'pass',
      checks: [saw('ok', 'pass')],
    });
    const demanded = concluded({ unrecorded }, {}, { unrecorded: 1 });
    expect(demanded).toMatchObject({ status: 'fail' });
  });
});

it('a demand whose check is not loaded makes the run unknown, not a pass', () => {
  expect(concluded({ ok }, {}, { p99: '< 20ms' })).toEqual({
    status: 'unknown',
    checks: [
      saw('ok', 'pass'),
      unjudged('p99', 'no check of this name is loaded; give --extensions the folder that has it'),
    ],
  });
});

it('a check sees the events of the run', () => {
  const events: readonly RunEvent[] = [{ atMs: 1, type: 'problem', what: 'x' }];
  const counts: Check = {
    ...checkOf('pass', true),
    check: (evidence) => ({ status: 'pass', summary: '', measured: evidence.events.length }),
  };
  const plan = { scenario: { expect: {} } } as unknown as Plan;
  const { checks } = conclude(
    { plan, events, result: measuredRun() },
    { checks: new Map([['counts', counts]]) },
  );
  expect(checks.map(({ measured }) => measured)).toEqual([1]);
});

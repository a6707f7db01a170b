import type { Check, Evidence, Measured, Verdict } from '../contracts/evidence.ts';
import type { Observations } from '../contracts/observation.ts';
import type { Plan } from '../contracts/scenario.ts';
import { messageOf } from '../std/errors.ts';
import { summaryRule } from './params.ts';
import { Breach, demand, demandEqual, type Rule, type Subject } from './rule.ts';
import { measuredRun } from './samples/measured.ts';
import { unmeasuredWindow } from './samples/windows.ts';
import { losing, passing, unjudged, withTimeline } from './samples/results.ts';

type CheckSubject = Subject<Check>;

const plan = { scenario: { cluster: { nodes: 3 } } } as Plan;
const samples: readonly Measured[] = [measuredRun(), passing, losing, withTimeline];

/** Of a workload that the check may not know. */
const observed: Observations = {
  observations: [
    { reader: 0, read: 'rows', node: 'pg1', sentMs: 5, answeredMs: 7, value: [1, null] },
    { reader: 1, read: 'total', node: 'pg2', sentMs: 6, answeredMs: 9, value: null },
    { reader: 0, read: 'rows', node: null, sentMs: 8, answeredMs: 8, problem: 'no answer' },
  ],
  missing: ['1.jsonl ends in half a line'],
  states: {
    beats: [{ beat: 1, outcome: 'acknowledged', sentMs: 1, answeredMs: 2 }],
    sights: [
      {
        node: 'pg2',
        beat: 0,
        reads: 2,
        firstSentMs: 3,
        lastSentMs: 6,
        back: 1,
        backOnConnection: 0,
      },
    ],
    stepsBack: [],
  },
};

/** The rules for every check. Whether it can pass and fail is shown by its own tests. */
export const checkRules: readonly Rule<CheckSubject>[] = [
  summaryRule<Check>(),
  {
    says: 'gives one right demand, by default or as `example`',
    check: ({ extension }) => void demandOf(extension),
  },
  {
    says: 'rejects junk in place of its demand',
    check: ({ extension: { params } }) => {
      for (const junk of [{ junk: [null] }, [[]], 'no such word']) {
        demand(!params.safeParse(junk).success, `\`params\` accepts ${JSON.stringify(junk)}`);
      }
    },
  },
  {
    says: 'judges every run in one line, always the same, and changes nothing',
    check: ({ extension }) => {
      for (const result of samples) {
        const evidence = frozen({ plan, events: [], observations: observed, result });
        const verdict = judge(extension, evidence);
        demand(['pass', 'fail', 'unknown'].includes(verdict.status), `says '${verdict.status}'`);
        demand(/^\S[^\n]*\S$/.test(verdict.summary), `\`summary\` is '${verdict.summary}'`);
        demandEqual(JSON.parse(JSON.stringify(verdict)), verdict, 'its verdict, through JSON, is');
        demandEqual(judge(extension, evidence), verdict, 'asked a second time it says');
      }
    },
  },
  {
    says: 'does not pass a run in which nothing was measured',
    check: ({ extension }) => {
      const result = unmeasured();
      const { status, summary } = judge(extension, frozen({ plan, events: [], result }));
      demand(status !== 'pass', `about a run in which nothing was measured it says: ${summary}`);
    },
  },
  {
    says: 'does not pass a phase in which nothing was measured',
    check: ({ extension }) => {
      const verdict = extension.checkWindow?.(unmeasuredWindow, demandOf(extension));
      demand(verdict?.status !== 'pass', `of such a phase it says: ${verdict?.summary ?? ''}`);
    },
  },
];

function demandOf({ params, byDefault, example }: Check) {
  const parsed = params.safeParse(byDefault ?? example);
  if (parsed.success) return parsed.data;
  const said = parsed.error.issues.map(({ message }) => message).join('; ');
  throw new Breach(`neither \`byDefault\` nor \`example\` is a right demand: ${said}`);
}

function judge(check: Check, evidence: Evidence): Verdict {
  try {
    return check.check(evidence, demandOf(check));
  } catch (error) {
    if (error instanceof Breach) throw error;
    throw new Breach(`it throws: ${messageOf(error)}`, { cause: error });
  }
}

/** Killed before anything was read back: every field that can be null is null. */
function unmeasured(): Measured {
  return {
    ...unjudged,
    writes: { ...unjudged.writes, reissued: null },
    failovers: null,
    rejoins: null,
    replicas: [],
    converged: { ok: false, reason: 'the run was interrupted' },
    rpo: { records: null, bytes: null, seconds: null },
    throughput: { ackedPerSecond: 0, latencyMs: {} },
    verification: null,
  };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) frozen(part);
  return Object.freeze(value);
}

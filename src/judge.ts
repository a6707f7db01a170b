import type { Check, Evidence, Measured, RunEvent, Verdict } from './contracts/evidence.ts';
import type { Registry } from './contracts/registry.ts';
import type { CheckResult, Result } from './contracts/result.ts';
import { messageOf } from './errors.ts';
import { demandOf, type Demand } from './evidence/demands.ts';
import { measure } from './measure.ts';
import { forkpointVersion } from './paths.ts';
import { readStoredRun } from './stored/read-stored-run.ts';

type JudgeRegistry = Pick<Registry, 'checks'>;

/**
 * Evidence -> ledger -> verdicts -> result: the same after a run and on a stored one.
 * `unwritten`: events that found no room on the disk, and are known all the same.
 * Errors: those of readStoredRun, and ScenarioError for journals that contradict it or each other.
 */
export async function judgeRun(
  directory: string,
  registry: JudgeRegistry,
  unwritten: readonly RunEvent[] = [],
): Promise<Result> {
  const stored = await readStoredRun(directory, unwritten);
  const measured = measure(directory, stored, await forkpointVersion());
  return conclude({ plan: stored.plan, result: measured }, registry);
}

/** Puts every demand to the measured values. Nothing that could not be measured is ever a pass. */
export function conclude(evidence: Evidence, registry: JudgeRegistry): Result {
  const { result, plan } = evidence;
  const checks = [...registry.checks].flatMap(([name, check]): CheckResult[] => {
    const demand = demandOf(name, plan.scenario, result);
    if (demand.kind === 'none' && check.byDefault === undefined) return [];
    return [{ check: name, ...verdictOf(name, check, { demand, evidence }) }];
  });
  return { ...result, status: statusOf(checks, result), checks };
}

function verdictOf(
  name: string,
  check: Check,
  { demand, evidence }: { readonly demand: Demand; readonly evidence: Evidence },
): Verdict {
  if (demand.kind === 'open') {
    const summary = `${name}: demanded where ${demand.where}, and no such version was recorded`;
    return { status: 'unknown', summary, measured: null };
  }
  // A stored plan holds what the check's schema made of the file; a default is still as in a file.
  const parsed =
    demand.kind === 'demanded'
      ? { success: true as const, data: demand.demand }
      : check.params.safeParse(check.byDefault);
  if (!parsed.success) {
    return { status: 'unknown', summary: `${name}: its demand cannot be read`, measured: null };
  }
  const { result } = evidence;
  if (result.writes.acknowledged === 0) {
    const summary = `${name}: no write was acknowledged, so there is nothing to judge`;
    return { status: 'unknown', summary, measured: null };
  }
  try {
    const verdict = check.check(evidence, parsed.data);
    if (demand.kind === 'none' || demand.where === undefined) return verdict;
    return { ...verdict, summary: `${verdict.summary}, as demanded where ${demand.where}` };
  } catch (error) {
    const summary = `${name}: the check itself failed: ${messageOf(error)}`;
    return { status: 'unknown', summary, measured: null };
  }
}

/**
 * A loss that nothing explains fails the run, whatever else there is. A run that did not go as planned proves
 * nothing, whatever its checks say: unknown.
 */
function statusOf(checks: readonly CheckResult[], result: Measured): Result['status'] {
  if (result.lostRanges.some(({ cause }) => cause === 'unexplained')) return 'fail';
  if (result.problems.length > 0 || result.writes.acknowledged === 0) return 'unknown';
  if (checks.some(({ status }) => status === 'fail')) return 'fail';
  if (checks.some(({ status }) => status === 'unknown')) return 'unknown';
  return checks.length > 0 ? 'pass' : 'unknown';
}

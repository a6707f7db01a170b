import type { Check, Evidence, Measured, Verdict } from '../contracts/evidence.ts';
import type { Json } from '../contracts/json.ts';
import type { Registry } from '../contracts/registry.ts';
import type { CheckResult, Result } from '../contracts/result.ts';
import type { ConditionalDemands, Scenario } from '../contracts/scenario.ts';
import { areLeast } from '../std/units/lower-bound.ts';
import { lossSummaryOf } from '../std/units/loss-summary.ts';
import { defectsOf, demandOf, type Demand } from './demands.ts';
import { guarded, hasWrites } from './guarded.ts';
import { phaseVerdicts } from './phase-verdicts.ts';

export type JudgeRegistry = Pick<Registry, 'checks'>;

/** Puts every demand to the measured values. Nothing that could not be measured is ever a pass. */
export function conclude(evidence: Evidence, registry: JudgeRegistry): Result {
  const { scenario } = evidence.plan;
  const result = withSilence(evidence.result);
  const checks = checksOf(evidence, registry, { result });
  const status = statusOf(checks, result);
  if (status !== 'fail') return { ...result, status, knownDefect: null, checks };
  const explained = defectsOf(scenario, result).find(
    (defect) => statusOf(checksOf(evidence, registry, { result, defect }), result) === 'pass',
  );
  return {
    ...result,
    status: explained ? 'knownDefect' : status,
    knownDefect: explained?.knownDefect ?? null,
    checks,
  };
}

/** Every demand, or what stays of them where a known defect is taken into account. */
function checksOf(
  evidence: Evidence,
  registry: JudgeRegistry,
  { result, defect }: { readonly result: Measured; readonly defect?: ConditionalDemands },
): readonly CheckResult[] {
  const { scenario } = evidence.plan;
  const checks = [...registry.checks].flatMap(([name, check]): CheckResult[] => {
    const demand = demandOf(name, scenario, result, defect);
    const isAsked = check.byDefault !== undefined && (check.isRecorded?.(result) ?? true);
    if (demand.kind === 'none' && !isAsked) return [];
    return [{ check: name, ...verdictOf(name, check, { demand, evidence }) }];
  });
  const phases = phaseVerdicts(scenario, { evidence, registry });
  return [...checks, ...phases, ...withoutCheck(scenario, registry)];
}

/** A stored run may demand what only an extension can check, and that is not loaded now. */
function withoutCheck(scenario: Scenario, { checks }: JudgeRegistry): readonly CheckResult[] {
  const { expect, expectWhen = [], expectPhases = [] } = scenario;
  const blocks = [expect, ...[...expectWhen, ...expectPhases].map(({ demands }) => demands)];
  const demanded = new Set(blocks.flatMap((demands) => Object.keys(demands)));
  return [...demanded]
    .filter((name) => !checks.has(name))
    .map((check) => ({
      check,
      status: 'unknown',
      summary: `${check}: no check of this name is loaded; give --extensions the folder that has it`,
      demand: null,
      measured: null,
    }));
}

/** What every check would say of such a run is said once. */
function withSilence(result: Measured): Measured {
  const { acknowledged } = result.writes;
  // Where journals are not whole, that is a problem already, and what was acknowledged is not known.
  if (acknowledged === null || acknowledged > 0 || areLeast(result)) return result;
  return { ...result, problems: [...result.problems, 'no write was acknowledged'] };
}

function verdictOf(
  name: string,
  check: Check,
  { demand, evidence }: { readonly demand: Demand; readonly evidence: Evidence },
): Omit<CheckResult, 'check'> {
  if (demand.kind === 'open') {
    const summary = `${name}: demanded where ${demand.where}, and no such version was recorded`;
    return { status: 'unknown', summary, demand: null, measured: null };
  }
  // A stored plan holds what the check's schema made of the file; a default is still as in a file.
  const parsed =
    demand.kind === 'demanded'
      ? { success: true as const, data: demand.demand }
      : check.params.safeParse(check.byDefault);
  if (!parsed.success) {
    const summary = `${name}: its demand cannot be read`;
    return { status: 'unknown', summary, demand: null, measured: null };
  }
  const verdict = checked(name, check, { demand: parsed.data, evidence });
  const hasWhere = demand.kind === 'demanded' && demand.where !== undefined;
  const where = hasWhere ? `, as demanded where ${demand.where}` : '';
  return { ...verdict, summary: `${verdict.summary}${where}`, demand: parsed.data };
}

function checked(
  name: string,
  check: Check,
  { demand, evidence }: { readonly demand: Json; readonly evidence: Evidence },
): Verdict {
  return guarded(name, evidence.result, () => check.check(evidence, demand));
}

/**
 * A loss that nothing explains fails the run, whatever else there is. A run that did not go as planned proves
 * nothing, whatever its checks say: unknown.
 */
function statusOf(checks: readonly CheckResult[], result: Measured): Result['status'] {
  if (lossSummaryOf(result).places.some(({ cause }) => cause === 'unexplained')) return 'fail';
  if (result.problems.length > 0 || !hasWrites(result)) return 'unknown';
  if (checks.some(({ status }) => status === 'fail')) return 'fail';
  if (checks.some(({ status }) => status === 'unknown')) return 'unknown';
  return checks.length > 0 ? 'pass' : 'unknown';
}

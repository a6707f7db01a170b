import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClusterSettings } from './contracts/durability.ts';
import type { Check, Evidence, Measured, ReadBack, Verdict } from './contracts/evidence.ts';
import type { Registry } from './contracts/registry.ts';
import type { CheckResult, Result } from './contracts/result.ts';
import type { Plan } from './contracts/scenario.ts';
import { messageOf, ScenarioError } from './errors.ts';
import { demandOf, type Demand } from './evidence/demands.ts';
import { healProblems, readHeals } from './evidence/heals.ts';
import { readEvents } from './evidence/history.ts';
import { measure, type StoredEvidence } from './measure.ts';
import { forkpointVersion } from './paths.ts';

type JudgeRegistry = Pick<Registry, 'checks'>;

/**
 * Evidence -> ledger -> verdicts -> result: the same after a run and on a stored one.
 * Errors: ScenarioError when the folder holds no run, or one of a later version; HarnessBug for evidence that
 * contradicts itself.
 */
export async function judgeRun(directory: string, registry: JudgeRegistry): Promise<Result> {
  const stored = await readStoredRun(directory);
  const measured = measure(directory, stored, await forkpointVersion());
  return conclude({ plan: stored.plan, result: measured }, registry);
}

export async function readStoredRun(directory: string): Promise<StoredEvidence> {
  const plan = await readJson<Plan>(path.join(directory, 'plan.json'));
  if (!plan) throw new ScenarioError(`${directory}: not a run: it has no plan.json`);
  const read = readEvents(path.join(directory, 'events.jsonl'));
  const healed = healProblems(readHeals(directory));
  const events = { ...read, problems: [...read.problems, ...healed] };
  const readBack = await readJson<ReadBack>(path.join(directory, 'readback.json'));
  const run = events.events.find((event) => event.type === 'run');
  if (readBack && run && readBack.runId !== run.runId) {
    throw new ScenarioError(
      `${directory}: readback.json is of run ${readBack.runId}, events.jsonl of run ${run.runId}`,
    );
  }
  const settings = await readJson<ClusterSettings>(path.join(directory, 'settings.json'));
  return { plan, events, readBack, settings };
}

/** Undefined when there is no such file. Errors: ScenarioError when it is no JSON or of a later version. */
async function readJson<T extends { readonly schemaVersion: number }>(
  file: string,
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ScenarioError(`${file}: cannot be read: ${messageOf(error)}`, { cause: error });
  }
  let value: Partial<T> | null;
  try {
    value = JSON.parse(text) as Partial<T> | null;
  } catch (error) {
    throw new ScenarioError(`${file}: is not JSON: ${messageOf(error)}`, { cause: error });
  }
  if (value?.schemaVersion !== 1) {
    const found = String(value?.schemaVersion ?? 'none');
    throw new ScenarioError(`${file}: schema version ${found}; this Forkpoint reads version 1`);
  }
  return value as T;
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

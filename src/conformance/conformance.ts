import type { Registry } from '../contracts/registry.ts';
import type { Extensions } from '../registry/user-folder.ts';
import { messageOf } from '../std/errors.ts';
import { backendRules } from './backend-rules.ts';
import { checkRules } from './check-rules.ts';
import { faultRules } from './fault-rules.ts';
import { reporterRules } from './reporter-rules.ts';
import { Breach, NotTried, type Rule, type Subject } from './rule.ts';
import { shellRules } from './shell-rules.ts';
import { workloadRules } from './workload-rules.ts';
import { workloadServerRules, type WorkloadServer } from './workload-server-rules.ts';

/** The outcome of one rule for one extension. */
export interface RuleOutcome {
  /** `workloads/counter`. */
  readonly extension: string;
  readonly says: string;
  readonly status: 'kept' | 'broken' | 'notTried';
  /** What was seen instead; '' where the rule holds. */
  readonly why: string;
}

export interface ConformanceOptions {
  readonly registry: Registry;
  /** Undefined: what needs a server is not tried. */
  readonly server: WorkloadServer | undefined;
  readonly report: (outcome: RuleOutcome) => void;
}

/** Tries every rule on every extension of the user; of backends, what they declare before a boot. */
export async function tryExtensions(own: Extensions, options: ConformanceOptions): Promise<void> {
  const { server } = options;
  await tryEach('faults', own.faults, faultRules, options);
  await tryEach('workloads', own.workloads, workloadRules, options);
  const served = workloadServerRules.map((rule) => ({
    says: rule.says,
    check: (subject: Subject<Parameters<typeof rule.check>[0]['extension']>) => {
      if (!server) throw new NotTried('no server was given');
      return rule.check({ ...subject, server });
    },
  }));
  await tryEach('workloads', own.workloads, served, options);
  await tryEach('checks', own.checks, checkRules, options);
  await tryEach('reporters', own.reporters, reporterRules, options);
  await tryEach('shells', own.shells, shellRules, options);
  await tryEach('backends', own.backends, backendRules, options);
}

async function tryEach<T>(
  kind: string,
  loaded: ReadonlyMap<string, { readonly extension: T }>,
  rules: readonly Rule<Subject<T>>[],
  { registry, report }: ConformanceOptions,
): Promise<void> {
  for (const [name, { extension }] of loaded) {
    for (const rule of rules) {
      const outcome = await tried(rule, { name, extension, registry });
      report({ extension: `${kind}/${name}`, says: rule.says, ...outcome });
    }
  }
}

async function tried<S>(rule: Rule<S>, subject: S): Promise<Pick<RuleOutcome, 'status' | 'why'>> {
  try {
    await rule.check(subject);
    return { status: 'kept', why: '' };
  } catch (error) {
    if (error instanceof NotTried) return { status: 'notTried', why: error.message };
    const thrown = error instanceof Breach ? '' : 'it throws: ';
    return { status: 'broken', why: `${thrown}${messageOf(error)}` };
  }
}

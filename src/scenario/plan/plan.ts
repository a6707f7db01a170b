import type { ClusterBackend, HostUser } from '../../contracts/backend.ts';
import type { FarEnd } from '../../contracts/cluster.ts';
import type { Fault } from '../../contracts/fault.ts';
import type { Registry } from '../../contracts/registry.ts';
import type { FaultStep, Plan, Scenario } from '../../contracts/scenario.ts';
import { chooseBackend } from '../words/choose-backend.ts';
import { checkReferences, checkTimes } from './check-times.ts';
import { checkUnknownEnd, leastDurationMs } from './load-end.ts';
import { checkConnections, withConnections } from './connections.ts';
import { checkArchive } from './check-archive.ts';
import { checkDownstream } from './check-downstream.ts';
import { checkPhases } from './check-phases.ts';
import { checkRoutes } from './check-routes.ts';
import { checkContradictions } from './contradictions.ts';
import { checkPreconditions } from './preconditions.ts';
import { suggestion } from '../../std/suggest.ts';
import { Refusals } from './refusals.ts';
import { repeated } from './repeat.ts';
import { fixedTags, stepFacts } from '../step-facts.ts';
import {
  isOfProxies,
  meantTarget,
  problemOfTarget,
  shapeOf,
  type ClusterShape,
} from '../words/targets.ts';
import { problemOfDcsTarget } from '../words/dcs-targets.ts';

export { describePlan } from './describe.ts';

export interface PlanOptions {
  readonly seed: number;
  /** Overrides the scenario's own; without either, the platform's default. */
  readonly backend?: string | undefined;
  /** Default: this process's. */
  readonly platform?: NodeJS.Platform;
  /** Default: the user of this process. */
  readonly user?: HostUser;
  readonly registry: Pick<Registry, 'faults' | 'checks' | 'backends'>;
}

/**
 * Plans everything a run will do, before anything boots.
 * Errors: one ScenarioError with everything that cannot be done: a fault after the load, a capability, a topology or a
 * site that the backend lacks, a target that no node can be, an `after` that leads nowhere.
 */
export function planScenario(scenario: Scenario, options: PlanOptions): Plan {
  const { seed, registry, platform = process.platform, user = hostUser() } = options;
  const { name: backend } = chooseBackend(options.backend, scenario.backend, platform);
  const refusals = new Refusals(scenario);
  const offered = registry.backends.get(backend);
  const shape = shapeOf(scenario.cluster, offered, scenario.load);
  if (offered) checkBackend(scenario, offered, { backend, refusals, user });
  else {
    const known = suggestion(backend, registry.backends.keys());
    refusals.add('backend', `there is no backend '${backend}'${known}`);
  }
  checkRoutes(scenario, { offered, backend, nodes: shape.names ?? [], refusals });
  checkDemands(scenario, registry.checks, refusals);
  checkPhases(scenario, refusals);
  checkDownstream(scenario, { registry, offered, backend, user, refusals });
  checkArchive(scenario, { checks: registry.checks, offered, backend, refusals });
  checkIds(scenario.faults, refusals);
  checkConnections(scenario, refusals);
  const planned = repeated(scenario.faults);
  const steps = planned.map(({ step }) => step);
  checkTimes(planned, { endMs: leastDurationMs(scenario.load), refusals });
  checkUnknownEnd(scenario, refusals);
  checkReferences(planned, { cluster: shape, refusals });
  checkContradictions(planned, { scenario, faults: registry.faults, refusals });
  // A cluster that exists may be in that state already.
  if (offered && !offered.existing) {
    checkPreconditions(planned, { faults: registry.faults, refusals });
  }
  const isChangingTags = steps.some(({ fault }) => registry.faults.get(fault)?.isOfTags === true);
  const about = { scenario, steps, shape, offered, backend, refusals, user, isChangingTags };
  scenario.faults.forEach((step, index) => {
    const key = `faults.${index}`;
    const fault = registry.faults.get(step.fault);
    if (fault) checkFault(step, fault, { ...about, key });
    else refusals.add(`${key}.fault`, `there is no fault '${step.fault}'`, step);
  });
  const isJudged =
    Object.keys(scenario.expect).length > 0 ||
    [...registry.checks.values()].some(({ byDefault }) => byDefault !== undefined);
  if (!isJudged) refusals.add('expect', 'has no demand, so no check could judge the run');
  refusals.throwIfAny();
  const cluster = withConnections(scenario, offered);
  return {
    schemaVersion: 1,
    seed,
    backend,
    scenario: { ...withoutPositions(scenario), cluster, faults: steps },
  };
}

function hostUser(): HostUser {
  return { isRoot: process.getuid?.() === 0 };
}

/** Positions are for messages only; a stored plan has none. */
function withoutPositions(scenario: Scenario): Scenario {
  const planned: { -readonly [Key in keyof Scenario]: Scenario[Key] } = { ...scenario };
  delete planned.positions;
  return planned;
}

function checkBackend(
  { cluster, load, positions, hold }: Scenario,
  offered: ClusterBackend,
  {
    backend,
    refusals,
    user,
  }: { readonly backend: string; readonly refusals: Refusals; readonly user: HostUser },
): void {
  if (!offered.topologies.includes(cluster.topology)) {
    const can = offered.topologies.join(', ');
    refusals.add('cluster.topology', `backend ${backend} makes ${can}, not ${cluster.topology}`);
  }
  if (cluster.own && cluster.own.backend !== backend) {
    const keys = Object.keys(cluster.own.params ?? {});
    const key = keys.find((each) => positions?.[`cluster.${each}`]) ?? keys[0] ?? '';
    const what = `is a key of backend ${cluster.own.backend}, and this is ${backend}`;
    refusals.add(`cluster.${key}`, what);
  }
  checkConfig(cluster, offered, { backend, refusals });
  if (cluster.standby) {
    const why = offered.lacks?.(cluster, user).standby;
    if (!offered.offers.includes('standby') || why !== undefined) {
      const what = `backend ${backend} makes no standby cluster${why === undefined ? '' : `: ${why}`}`;
      refusals.add('cluster.standby', what);
    }
  }
  if (hold !== undefined) {
    const { rewind, shell } = offered.lacks?.(cluster, user) ?? {};
    if (!offered.offers.includes('rewind')) {
      refusals.add('hold', `backend ${backend} gives no control over rewind`);
    } else if (rewind !== undefined) refusals.add('hold', `pg_rewind: ${rewind}`);
    if (shell !== undefined)
      refusals.add('hold', `evidence is taken by the shells of nodes: ${shell}`);
  }
  const sites = [
    { key: 'load.site', site: load.site },
    ...(load.groups ?? []).flatMap(({ name, site }) =>
      site === undefined ? [] : [{ key: `load.groups.${name}.site`, site }],
    ),
  ];
  for (const { key, site } of sites.filter((each) => !offered.sites.includes(each.site))) {
    const known = suggestion(site, offered.sites);
    refusals.add(key, `backend ${backend} has no client site '${site}'${known}`);
  }
}

/** What of a demand this load can never show. */
function checkDemands(
  { expect, expectWhen = [], expectPhases = [], load }: Scenario,
  checks: Registry['checks'],
  refusals: Refusals,
): void {
  const blocks = [
    { path: 'expect', demands: expect },
    ...expectWhen.map(({ demands }, index) => ({ path: `expect.when.${index}`, demands })),
    ...expectPhases.map(({ demands }, index) => ({ path: `expect.phases.${index}`, demands })),
  ];
  for (const { path, demands } of blocks) {
    for (const [name, demand] of Object.entries(demands)) {
      for (const issue of checks.get(name)?.problems?.(demand, load) ?? []) {
        refusals.add([path, name, ...issue.path.map(String)].join('.'), issue.message);
      }
    }
  }
}

/** The user's own Patroni configuration, and what single members are told. */
function checkConfig(
  cluster: Scenario['cluster'],
  offered: ClusterBackend,
  { backend, refusals }: { readonly backend: string; readonly refusals: Refusals },
): void {
  const { config, members = {} } = cluster;
  const keys = [...(config ? ['config'] : []), ...(cluster.members ? ['members'] : [])];
  if (!offered.ownPatroni) {
    for (const key of keys) {
      const what = `backend ${backend} makes no lab whose Patroni could be given it`;
      refusals.add(`cluster.${key}`, what);
    }
    return;
  }
  if (config && !config.read) {
    refusals.add('cluster.config', 'was not read; give the scenario as a file');
  }
  const names = offered.nodeNames(cluster);
  for (const node of Object.keys(members).filter((each) => !names.includes(each))) {
    refusals.add(`cluster.members.${node}`, `there is no node '${node}'${suggestion(node, names)}`);
  }
}

function checkIds(steps: readonly FaultStep[], refusals: Refusals): void {
  const seen = new Set<string>();
  steps.forEach((step, index) => {
    if (seen.has(step.id)) {
      refusals.add(`faults.${index}.id`, `another fault already has the id '${step.id}'`, step);
    }
    seen.add(step.id);
  });
}

interface FaultCheck {
  readonly key: string;
  readonly scenario: Scenario;
  /** As they will run: references name these. */
  readonly steps: readonly FaultStep[];
  readonly shape: ClusterShape;
  readonly offered: ClusterBackend | undefined;
  readonly backend: string;
  readonly refusals: Refusals;
  readonly user: HostUser;
  /** Some step changes Patroni's tags. */
  readonly isChangingTags: boolean;
}

const ends: Readonly<Record<FarEnd, string>> = {
  dcs: 'the DCS',
  proxies: 'proxies',
  clients: 'the clients',
};

function checkFault(step: FaultStep, fault: Fault, about: FaultCheck): void {
  const { key, scenario, offered, backend, refusals } = about;
  const { cluster } = scenario;
  const lacks = offered?.lacks?.(cluster, about.user) ?? {};
  for (const need of fault.needs(step.params)) {
    if (offered && (lacks[need] !== undefined || !offered.offers.includes(need))) {
      const ofSingle =
        cluster.topology === 'single' && offered.offers.includes(need) ? ' of a single server' : '';
      const why = lacks[need] === undefined ? '' : `: ${lacks[need]}`;
      const what = `backend ${backend} gives no control over ${need}${ofSingle}${why}`;
      refusals.add(`${key}.fault`, what, step);
    } else if (need === 'patroni' && cluster.topology === 'single') {
      refusals.add(`${key}.fault`, 'needs Patroni, and cluster.topology is single', step);
    }
  }
  for (const end of fault.ends?.(step.params) ?? []) {
    const why = offered?.refusesEnd?.(end, cluster);
    if (why !== undefined)
      refusals.add(`${key}.fault`, `its packet rules name ${ends[end]}, and ${why}`, step);
  }
  if (fault.targets === 'dcs' && step.target !== 'none') {
    const problem = problemOfDcsTarget(meantTarget(step.target, about.steps), about.shape);
    if (problem !== undefined) refusals.add(`${key}.target`, problem, step);
  }
  if (fault.targets === 'nodes' || (fault.targets === 'any' && step.target !== 'none')) {
    const problem = problemOfTargets(step, fault, about);
    if (problem !== undefined) refusals.add(`${key}.target`, problem, step);
  }
  if (step.expected && fault.effects?.canBeRefused !== true) {
    refusals.add(`${key}.expect`, `${step.fault} asks for nothing that could be refused`, step);
  }
  const { names = [] } = about.shape;
  const tags = fixedTags(cluster, about.isChangingTags);
  const facts = { ...stepFacts(step, cluster, offered), ...(tags && { tags }) };
  for (const issue of fault.problems?.(step.params, names, scenario.load, facts) ?? []) {
    refusals.add([key, ...issue.path.map(String)].join('.'), issue.message, step);
  }
}

function problemOfTargets(
  { target, fault: name, params }: FaultStep,
  fault: Fault,
  { shape, offered, scenario, steps }: FaultCheck,
): string | undefined {
  const meant = meantTarget(target, steps);
  if (isOfProxies(meant.replace(/^not /, ''), shape) && meant.startsWith('not ')) {
    return problemOfTarget(meant, shape);
  }
  if (!isOfProxies(meant, shape)) return problemOfTarget(target, shape);
  if (fault.meetsProxies?.(params) !== true) {
    return `'${target}' is of proxies, and ${name} as it is written acts on nodes`;
  }
  return offered?.refusesEnd?.('proxies', scenario.cluster) ?? problemOfTarget(meant, shape);
}

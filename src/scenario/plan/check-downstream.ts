import type { DownstreamSpec } from '../../contracts/downstream.ts';
import type { ClusterBackend, HostUser } from '../../contracts/backend.ts';
import type { Registry } from '../../contracts/registry.ts';
import type { Scenario } from '../../contracts/scenario.ts';
import { suggestion } from '../../std/suggest.ts';
import { isFed, writesToSinkOfLab } from './needed-capabilities.ts';
import { refuseDemands } from './refuse-demands.ts';
import type { Refusals } from './refusals.ts';

/** Of 63, beside `forkpoint_` and a run's id. */
const longestNameThere = 29;

/** What consumers need of the cluster, and what only makes sense with consumers. */
export function checkDownstream(
  scenario: Scenario,
  {
    registry,
    offered,
    backend,
    user,
    refusals,
  }: {
    readonly registry: Pick<Registry, 'faults' | 'checks'>;
    readonly offered: ClusterBackend | undefined;
    readonly backend: string;
    readonly user: HostUser;
    readonly refusals: Refusals;
  },
): void {
  const { downstream, cluster, faults } = scenario;
  const needsSink = downstream?.some(writesToSinkOfLab) === true;
  const isFedHere = downstream?.some(isFed) === true;
  const { sink: lacking, sql: noSql } = offered?.lacks?.(cluster, user) ?? {};
  if (needsSink && lacking !== undefined) {
    refusals.add('downstream', `backend ${backend} starts no sink for consumers: ${lacking}`);
  } else if (needsSink && offered && !offered.offers.includes('sink')) {
    const what = `backend ${backend} starts no sink for consumers beside its clusters; use --backend local or docker; elsewhere consumer cdc may write to a file (sink: file), and a consumer of yours (consumer: own) to a sink of yours (sink: { dsn, query })`;
    refusals.add('downstream', what);
  }
  const level = walLevel(cluster);
  // The settings of a cluster that exists are its own: there the run looks at the server.
  if (isFedHere && !offered?.existing && level !== 'logical') {
    const what = `needs wal_level logical, and it is ${level} here; set cluster.parameters: { wal_level: logical }`;
    refusals.add('downstream', what);
  }
  if (isFedHere && offered?.existing) {
    if (noSql !== undefined) {
      const what = `a slot and a publication are made on the cluster: ${noSql}`;
      refusals.add('downstream', what);
    }
    for (const { name, slot } of downstream.filter(isFed)) {
      if (slot !== `forkpoint_${name}`) {
        const what = `the run makes a slot there, under its own name, and drops it: leave this out`;
        refusals.add(`downstream.${name}.slot`, what);
      }
      if (name.length > longestNameThere) {
        const what = `its slot there has the name of the run, too: at most ${longestNameThere} characters`;
        refusals.add(`downstream.${name}`, what);
      }
    }
  }
  const names = (downstream ?? []).map(({ name }) => name);
  const { slots: ofPatroni } = cluster.patroni as {
    readonly slots?: Readonly<Record<string, unknown>>;
  };
  for (const { name, slot, failover } of downstream ?? []) {
    if (!failover || slot === undefined || ofPatroni?.[slot] === undefined) continue;
    const what = `Patroni makes ${slot} (cluster.patroni.slots), and not as a failover slot; name it in ignore_slots instead`;
    refusals.add(`downstream.${name}.failover`, what);
  }
  faults.forEach((step, index) => {
    const fault = registry.faults.get(step.fault);
    if (
      downstream?.some(writesToSinkOfLab) === false &&
      fault?.needs(step.params).includes('sink')
    ) {
      const what = `${step.fault} is of the sink of the lab and who writes to it, and no consumer does`;
      refusals.add(`faults.${index}.fault`, what, step);
    }
    const wanted = fault?.consumers?.(step.params) ?? [];
    for (const name of wanted.filter((each) => !names.includes(each))) {
      const why = downstream ? suggestion(name, names) : '; the scenario has no downstream';
      refusals.add(`faults.${index}.consumer`, `there is no consumer '${name}'${why}`, step);
    }
    for (const consumer of (downstream ?? []).filter(({ name }) => wanted.includes(name))) {
      const problem = problemOf(consumer, fault?.meets ?? 'process');
      if (problem !== undefined) refusals.add(`faults.${index}.consumer`, problem, step);
    }
  });
  if (downstream) return;
  faults.forEach((step, index) => {
    for (const key of ['when', 'until'] as const) {
      if (step[key]?.state.is !== 'delivered') continue;
      const what = 'waits for consumers, and the scenario has no downstream';
      refusals.add(`faults.${index}.${key}`, what, step);
    }
  });
  const what = 'judges consumers, and the scenario has no downstream';
  refuseDemands(scenario, refusals, (name) =>
    registry.checks.get(name)?.isOfDownstream ? what : undefined,
  );
}

/** What a fault would meet is not there, or not ours. */
function problemOf(
  { name, consumer, command, slot }: DownstreamSpec,
  meets: 'process' | 'slot',
): string | undefined {
  if (meets === 'slot') {
    return slot === undefined
      ? `no slot of consumer ${name} is known; say which (slot)`
      : undefined;
  }
  if (consumer === 'subscription') {
    return `consumer ${name} is a subscription, which is the work of its sink; use kill-sink or freeze-sink`;
  }
  return consumer === 'own' && !command
    ? `consumer ${name} is not started by Forkpoint; say how (command)`
    : undefined;
}

function walLevel({ parameters, patroni }: Scenario['cluster']): string {
  const { parameters: through } = (patroni.postgresql ?? {}) as {
    readonly parameters?: Readonly<Record<string, string>>;
  };
  return parameters.wal_level ?? through?.wal_level ?? 'replica';
}

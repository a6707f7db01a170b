import path from 'node:path';
import type { Cluster } from '../../contracts/cluster.ts';
import type { ConsumerInput, ConsumerLine, DownstreamSpec } from '../../contracts/downstream.ts';
import { asConsumer } from '../../downstream/as-consumer.ts';
import { ConsumerProcess } from '../../downstream/consumer-process.ts';
import { ScenarioError } from '../../std/errors.ts';
import type { FollowedRun } from './running.ts';
import type { SlotStart } from './seed-slots.ts';
import type { SinkPlace } from './sink-place.ts';

export interface Surroundings {
  readonly run: FollowedRun;
  readonly cluster: Cluster;
  readonly publication: string;
  readonly start: SlotStart;
  readonly place: SinkPlace;
  /** The process's own. */
  readonly folder: string;
  readonly line: (text: string, line: ConsumerLine) => void;
}

/**
 * A process of a consumer, not started yet: it runs on the machine of the consumers, beside the sink of the lab that it writes to; else
 * where the load's clients are. Errors: ScenarioError.
 */
export function processOf(
  { name, consumer, slot = '', command }: DownstreamSpec,
  around: Surroundings,
): ConsumerProcess {
  const { run, cluster, publication, start, place, folder } = around;
  const { site: wanted } = run.plan.scenario.load;
  const sink = 'file' in place ? undefined : cluster.sink;
  const isOfSink = consumer !== 'own' && sink !== undefined;
  const site = isOfSink ? sink.consumers : cluster.sites.find((each) => each.name === wanted);
  if (!site) throw new ScenarioError(`there is no client site '${wanted}'`);
  const input: ConsumerInput = {
    name,
    slot,
    folder,
    publication,
    fromLsn: start.lsn,
    timeline: start.timeline,
    nodes: cluster.nodes.map(({ name: node, endpoint }) => ({ name: node, ...endpoint })),
    source: loginOf(cluster.credentials),
    ...(sink && { sink: { ...loginOf(sink.credentials), ...addressOf(sink.endpoint) } }),
    ...('file' in place && { sinkFile: path.resolve(place.file) }),
  };
  const argv = consumer === 'own' && command ? asConsumer(command) : command;
  return new ConsumerProcess({
    site,
    input,
    command: argv,
    line: around.line,
  });
}

function addressOf({ host, port }: Cluster['nodes'][number]['endpoint']) {
  return { host, port };
}

function loginOf({ user, password, database }: Cluster['credentials']) {
  return { user, database, ...(password !== undefined && { password }) };
}

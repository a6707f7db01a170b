import type { Cluster, Machine, SqlControl } from '../contracts/cluster.ts';
import type { ConsumerControl, LoadControl, Undo } from '../contracts/fault.ts';
import { ClusterError, HarnessBug, lacks } from '../std/errors.ts';
import { leaderOf } from '../std/units/leadership.ts';
import { waitUntil } from '../std/wait.ts';
import { withEnvironment } from '../std/with-environment.ts';

type ExecUndo = Extract<Undo, { readonly do: 'exec' }>;

const sqlTimeoutMs = 20_000;

/**
 * Undoes one step. Idempotent; harmless if the fault was never injected.
 * Errors: ClusterError saying what could not be undone, on which node.
 */
export async function applyUndo(
  step: Undo,
  { cluster, load, consumers, signal }: UndoContext,
): Promise<void> {
  switch (step.do) {
    case 'clearRules':
      return controlOf(cluster, step.node, 'network').clear(step.tag);
    case 'unshape':
      return controlOf(cluster, step.node, 'shaping').unshape(step.tag);
    case 'resume':
      return controlOf(cluster, step.node, 'process').signal(step.target, 'SIGCONT');
    case 'resumeServers':
      await controlOf(cluster, step.node, 'process').signalServers(step.pids, 'SIGCONT');
      return;
    case 'start':
      return controlOf(cluster, step.node, 'process').start(step.target);
    case 'resumeDcs':
      return dcsOf(cluster).signal(step.member, 'SIGCONT');
    case 'startDcs':
      return dcsOf(cluster).start(step.member);
    case 'hastenDcs':
      return dcsOf(cluster).hasten(step.member);
    case 'restoreDcs':
      return dcsOf(cluster).restoreData(step.tag);
    case 'clearNoSpace':
      return untilCleared(cluster, signal);
    case 'freeDisk':
      return controlOf(cluster, step.node, 'disk').free(step.area);
    case 'healIo':
      return controlOf(cluster, step.node, 'io').heal(step.area, step.tag);
    case 'resetClock':
      return controlOf(cluster, step.node, 'clock').reset();
    case 'liftLimit':
      return controlOf(cluster, step.node, 'limits').lift(step.resource);
    case 'restoreTags':
      return controlOf(cluster, step.node, 'tags').restore(step.tag);
    case 'restoreName':
      return controlOf(cluster, step.node, 'names').restore(step.tag);
    case 'restoreCertificate':
      return controlOf(cluster, step.node, 'certificates').restore(step.tag);
    case 'stopStray':
      return controlOf(cluster, step.node, 'stray').stop(step.tag);
    case 'endSecondCluster':
      return controlOf(cluster, step.node, 'secondCluster').end(step.tag);
    case 'resumePatroni':
      return (cluster.patroni ?? lacks({ name: cluster.id }, 'Patroni')).pause(false, signal);
    case 'takeBack':
      return (cluster.objects ?? lacks({ name: cluster.id }, 'API of Kubernetes')).takeBack(
        step.change,
      );
    case 'resumeLoad':
      return load?.resume();
    case 'startConsumer':
      return consumers?.start(step.consumer);
    case 'thawConsumer':
      return consumers?.thaw(step.consumer);
    case 'endSecondConsumer':
      return consumers?.endSecond(step.consumer);
    case 'startSink':
      return sinkOf(cluster).start();
    case 'thawSink':
      return sinkOf(cluster).thaw();
    case 'mendSink':
      return sinkOf(cluster).mend();
    case 'openSink':
      return sinkOf(cluster).setReadOnly(false);
    case 'freeSink':
      return sinkOf(cluster).free();
    case 'mendSource':
      return sinkOf(cluster).mendSource?.();
    case 'followPromoted':
      return untilFollowing(cluster, signal);
    case 'sql': {
      const { text, values } = step;
      const what = `takes \`${text}\``;
      return bySql(step.node, { what, cluster, signal }, async (sql, within) => {
        await sql.query(text, values, { signal: within });
      });
    }
    case 'release': {
      const what = `releases what ${step.tag} holds`;
      return bySql(step.node, { what, cluster, signal }, (sql, within) =>
        sql.release(step.tag, within),
      );
    }
    case 'exec':
      return runOn(machineOf(cluster, step.node), step, signal);
  }
}

export interface UndoContext {
  readonly cluster: Cluster;
  /** Undefined after the run: there is no load to resume. */
  readonly load?: LoadControl;
  /** Undefined after the run, and without consumers. */
  readonly consumers?: ConsumerControl;
  readonly signal: AbortSignal;
}

function machineOf({ nodes, proxies = [] }: Cluster, name: string): Machine {
  const machine = [...nodes, ...proxies].find((candidate) => candidate.name === name);
  if (!machine) throw new HarnessBug(`the cluster has no machine called ${name}`);
  return machine;
}

type Control =
  | 'stray'
  | 'secondCluster'
  | 'tags'
  | 'certificates'
  | 'names'
  | 'network'
  | 'shaping'
  | 'process'
  | 'disk'
  | 'io'
  | 'clock'
  | 'limits'
  | 'sql';

function controlOf<K extends Control>(cluster: Cluster, name: string, control: K) {
  const machine = machineOf(cluster, name);
  return machine[control] ?? lacks(machine, control);
}

function sinkOf(cluster: Cluster) {
  return cluster.sink ?? lacks({ name: cluster.id }, 'sink');
}

function dcsOf(cluster: Cluster) {
  return cluster.dcs ?? lacks({ name: cluster.id }, 'DCS');
}

/** Waits for a quorum: another fault may have broken it. */
async function untilCleared(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const clear = async (): Promise<true> => {
    await dcsOf(cluster).noSpace(false, signal);
    return true;
  };
  await waitUntil('the DCS stores values again', clear, {
    timeoutMs: sqlTimeoutMs,
    everyMs: 250,
    signal,
  });
}

/** Waits for a quorum of the DCS: another fault may have broken it. */
async function untilFollowing(cluster: Cluster, signal: AbortSignal): Promise<void> {
  const standby = cluster.standby ?? lacks({ name: cluster.id }, 'standby cluster');
  const tell = async (): Promise<true> => {
    await standby.followPromoted(signal);
    return true;
  };
  const what = 'the old cluster is told to follow the promoted one';
  await waitUntil(what, tell, { timeoutMs: sqlTimeoutMs, everyMs: 250, signal });
}

/** Waits for a server that was killed or restarted a moment ago, and for an election. */
async function bySql(
  node: string,
  { what, cluster, signal }: { readonly what: string } & Pick<UndoContext, 'cluster' | 'signal'>,
  act: (sql: SqlControl, within: AbortSignal) => Promise<void>,
): Promise<void> {
  const attempt = async (within: AbortSignal): Promise<true> => {
    const name = node === 'leader' ? await leaderNow(cluster, within) : node;
    await act(controlOf(cluster, name, 'sql'), within);
    return true;
  };
  const times = { timeoutMs: sqlTimeoutMs, everyMs: 250, signal };
  await waitUntil(`${node} ${what}`, attempt, times);
}

async function leaderNow(cluster: Cluster, signal: AbortSignal): Promise<string> {
  const leader = leaderOf(await cluster.topology(signal));
  if (leader === undefined) throw new ClusterError('no node is leader now, so nothing is undone');
  return leader;
}

async function runOn(node: Machine, step: ExecUndo, signal: AbortSignal): Promise<void> {
  if (!node.shell) throw new ClusterError(`${node.name}: there is no shell on its machine`);
  const { argv, environment } = step;
  const { exitCode, stderr } = await node.shell.run(withEnvironment(argv, environment), { signal });
  if (exitCode === 0) return;
  const what = `${node.name}: ${argv.join(' ')}: exit code ${exitCode}`;
  throw new ClusterError(`${what}: ${stderr.trim()}`);
}

import type { Limits, LimitsControl } from '../../contracts/cluster.ts';
import { ClusterError, EnvironmentError, messageOf } from '../../std/errors.ts';
import { openEngine } from '../../shells/docker/engine.ts';
import type { Box } from './containers.ts';

const periodMicroseconds = 100_000;

/** Of a container, by the engine: an update of its control group, which takes no restart. A cluster's containers are made without. */
export function limitsControl({ name, container }: Pick<Box, 'name' | 'container'>): LimitsControl {
  const ask = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw new ClusterError(`${name}: ${what}: ${messageOf(error)}`, { cause: error });
    }
  };
  const update = async (settings: Readonly<Record<string, number>>) => {
    await container.update(settings);
  };
  return {
    look: () => ask('read its limits', async () => limitsNow(container, await hostOf())),
    limit: (resource, most) =>
      ask(`limit its ${resource}`, () =>
        update(
          resource === 'cpu'
            ? { CpuPeriod: periodMicroseconds, CpuQuota: Math.round(most * periodMicroseconds) }
            : memoryOf(Math.round(most)),
        ),
      ),
    lift: (resource) =>
      ask(`lift the limit of its ${resource}`, async () => {
        if (resource === 'cpu') await update({ CpuPeriod: periodMicroseconds, CpuQuota: -1 });
        // The engine knows no way back to none.
        else await update(memoryOf((await hostOf()).memoryBytes));
      }),
  };
}

/** Bytes, of the engine's machine. Errors: EnvironmentError. */
export async function memoryOfHost(): Promise<number> {
  try {
    return (await hostOf()).memoryBytes;
  } catch (error) {
    throw new EnvironmentError(`docker engine: its memory: ${messageOf(error)}`, { cause: error });
  }
}

async function hostOf(): Promise<Omit<Limits, 'usedBytes'>> {
  const { NCPU: cores, MemTotal: memoryBytes } = (await openEngine().info()) as {
    readonly NCPU: number;
    readonly MemTotal: number;
  };
  return { cores, memoryBytes };
}

type Container = Box['container'];

/** With swap: half a limit would be none. Both at once, so that the engine chooses the order that the kernel takes. */
function memoryOf(bytes: number) {
  return { Memory: bytes, MemorySwap: bytes };
}

interface Stats {
  readonly memory_stats: {
    readonly usage?: number;
    readonly stats?: Readonly<Record<string, number>>;
  };
}

async function limitsNow(container: Container, host: Omit<Limits, 'usedBytes'>): Promise<Limits> {
  const [{ HostConfig: have }, stats] = await Promise.all([
    container.inspect(),
    container.stats({ stream: false, 'one-shot': true }) as unknown as Promise<Stats>,
  ]);
  const { CpuQuota: quota = 0, CpuPeriod: period = 0, Memory: memory = 0 } = have;
  const { usage = 0, stats: found = {} } = stats.memory_stats;
  // Pages of files, which version 1 of control groups counts with a total_; disks in memory are not among them.
  const of = (key: string) => found[`total_${key}`] ?? found[key] ?? 0;
  return {
    cores: quota > 0 ? quota / (period || periodMicroseconds) : host.cores,
    memoryBytes: memory > 0 ? Math.min(memory, host.memoryBytes) : host.memoryBytes,
    usedBytes: Math.max(0, usage - of('inactive_file') - of('active_file')),
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import docker from '../../src/backends/docker.ts';
import { openEngine } from '../../src/shells/docker/engine.ts';
import { pidLabel, runLabel } from '../../src/backends/docker/labels.ts';
import type { CapabilityName, Cluster } from '../../src/contracts/cluster.ts';
import type { ClusterSpec } from '../../src/contracts/scenario.ts';
import { threeNodes } from './local-lab.ts';

const missing = (await docker.preflight()).filter(({ isMissing }) => isMissing);
const isRequired = process.env.FORKPOINT_REQUIRE_DOCKER === '1';

/** False: no engine or no image, and none is required. If one is required, the tests run and fail. */
export const hasDocker = missing.length === 0 || isRequired;

/** Printed once for all files that need an engine. */
export function sayWhySkipped(): void {
  if (hasDocker) return;
  const what = missing.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
  process.stderr.write(
    `SKIPPED: the tests on containers (${what}). To run them: npm run forkpoint -- doctor --backend docker --install, then npm run test:docker\n`,
  );
}

export const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;

let count = 0;

/** A cluster in containers; disposing it removes its folder. */
export async function bootDocker(
  over: Partial<ClusterSpec> = {},
  signal: AbortSignal = new AbortController().signal,
  image?: string,
  needs: readonly CapabilityName[] = [],
): Promise<Cluster> {
  count += 1;
  const directory = mkdtempSync(path.join(tmpdir(), 'forkpoint-docker-'));
  try {
    const cluster = await docker.boot({
      id: `test-${process.pid}-${count}`,
      spec: { ...threeNodes, ...over },
      directory,
      signal,
      needs,
      log: () => undefined,
      ...(image !== undefined && { image }),
    });
    return {
      ...cluster,
      [Symbol.asyncDispose]: async () => {
        await cluster[Symbol.asyncDispose]();
        rmSync(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** The project's image with another program in it. Disposing the result removes the image. */
export async function imageThat(
  entrypoint: readonly string[],
): Promise<AsyncDisposable & { readonly name: string }> {
  const engine = openEngine();
  count += 1;
  const [repo, tag] = ['forkpoint-test', `${process.pid}-${count}`];
  const Image = 'forkpoint-cluster:pg17';
  const made = await engine.createContainer({ Image, Entrypoint: [...entrypoint], Cmd: [] });
  await made.commit({ repo, tag });
  await made.remove();
  const name = `${repo}:${tag}`;
  return {
    name,
    [Symbol.asyncDispose]: async () => {
      await engine.getImage(name).remove({ force: true });
    },
  };
}

/** What one run, or every run of this process, has in the engine. */
export async function inEngine(runId?: string): Promise<readonly string[]> {
  if (runId !== undefined) return labelled(`${runLabel}=${runId}`);
  return (await labelled(runLabel)).filter((name) => name.includes(`-${process.pid}-`));
}

/** What the runs of another process have in the engine. */
export function inEngineOf(pid: number): Promise<readonly string[]> {
  return labelled(`${pidLabel}=${pid}`);
}

async function labelled(label: string): Promise<readonly string[]> {
  const engine = openEngine();
  const filters = { label: [label] };
  const [containers, networks, volumes] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listNetworks({ filters }),
    engine.listVolumes({ filters }),
  ]);
  return [
    ...containers.map(({ Names: [name = ''] }) => name),
    ...networks.map(({ Name: name }) => name),
    ...((volumes.Volumes as typeof volumes.Volumes | null) ?? []).map(({ Name: name }) => name),
  ];
}

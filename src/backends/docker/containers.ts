import type { ContainerImage } from '../../contracts/copy-server.ts';
import type { Service } from './compose-file.ts';
import { ask, type Container, type Engine } from '../../shells/docker/engine.ts';
import type { Labels } from './labels.ts';

/** A running container of a cluster. */
export interface Box {
  readonly name: string;
  readonly address: string;
  readonly container: Container;
  readonly image: ContainerImage;
  /** Its first process, by its id on the engine's host. */
  readonly pid: number;
  /** Container port -> port on 127.0.0.1, if published. */
  readonly ports: ReadonlyMap<number, number>;
}

/** Shape: frames of 8 bytes (stream, 0, 0, 0, length as uint32 BE) and text. Source: Docker Engine API, attach. */
export function withoutFrames(raw: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length;) {
    const end = at + 8 + raw.readUInt32BE(at + 4);
    parts.push(raw.subarray(at + 8, end));
    at = end;
  }
  return Buffer.concat(parts).toString();
}

export interface StartOptions {
  readonly runId: string;
  readonly network: string;
  readonly labels: Labels;
  /** Instead of the service's own. */
  readonly command?: readonly string[];
  /** Ports to publish on 127.0.0.1, each at a free port that the engine chooses. */
  readonly publish: readonly number[];
}

/** Creates and starts a service's container. Errors: EnvironmentError naming it. */
export async function startContainer(
  engine: Engine,
  service: Service,
  options: StartOptions,
): Promise<Box> {
  const { name, address } = service;
  return ask(`start ${name} (${service.image})`, async () => {
    const container = await engine.createContainer(creation(service, options));
    await container.start();
    const { State: state } = await container.inspect();
    if (!state.Running) throw new Error(`it ended at once with exit code ${state.ExitCode}`);
    return boxOf(container, { name, address });
  });
}

/** A container that is already running. */
export async function boxOf(
  container: Container,
  { name, address }: Pick<Box, 'name' | 'address'>,
): Promise<Box> {
  const facts = await container.inspect();
  const { State: state, NetworkSettings: settings, Config: config } = facts;
  const image = { name: config.Image, id: facts.Image };
  const ports = Object.entries(settings.Ports).flatMap(([port, bindings]) => {
    // For an engine without published ports this is null, in spite of its type.
    const [binding] = (bindings as typeof bindings | null) ?? [];
    return binding ? [[Number.parseInt(port, 10), Number(binding.HostPort)] as const] : [];
  });
  return { name, address, container, image, pid: state.Pid, ports: new Map(ports) };
}

function creation(service: Service, options: StartOptions) {
  const { name, image, environment, address, capabilities, tmpfs, shmBytes } = service;
  const ports = options.publish.map((port) => `${port}/tcp`);
  return {
    name: `forkpoint-${options.runId}-${name}`,
    Image: image,
    Hostname: name,
    Cmd: [...(options.command ?? service.command)],
    Env: Object.entries(environment).map(([key, value]) => `${key}=${value}`),
    Labels: { ...options.labels },
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    HostConfig: {
      NetworkMode: options.network,
      CapAdd: [...capabilities],
      // /dev/net/tun, for the relay that delays packets if the kernel has no netem.
      DeviceCgroupRules: ['c 10:200 rwm'],
      Tmpfs: Object.fromEntries(tmpfs.map(mountOf)),
      ShmSize: shmBytes,
      PortBindings: Object.fromEntries(
        ports.map((port) => [port, [{ HostIp: '127.0.0.1', HostPort: '' }]]),
      ),
    },
    NetworkingConfig: {
      EndpointsConfig: { [options.network]: { IPAMConfig: { IPv4Address: address } } },
    },
  };
}

/** As in a compose file: `/path` or `/path:options`. */
function mountOf(tmpfs: string): readonly [path: string, options: string] {
  const [path = '', options = ''] = tmpfs.split(':');
  return [path, options];
}

import type { Finding } from '../../contracts/finding.ts';
import type { ClusterSpec } from '../../contracts/scenario.ts';
import { EnvironmentError, messageOf } from '../../std/errors.ts';
import { wantedAccess } from './access.ts';
import { buildCommand, installCommand } from '../../shells/docker/advice.ts';
import { readComposeFile } from './compose-file.ts';
import { firstMember } from './member-names.ts';
import { type Engine, engineError, openEngine, statusOf } from '../../shells/docker/engine.ts';

/** API version of Docker 20.10, which Debian 11 and 12 have. */
const leastApi = '1.41';
const engineName = 'docker engine';
/** What `doctor --install` installs, by the packages that it needs. */
const enginePackages = ['docker.io', 'iptables', 'debootstrap'];

/** What this host has and lacks for clusters in containers. Never throws. */
export async function preflight(spec?: ClusterSpec): Promise<readonly Finding[]> {
  let engine;
  try {
    engine = openEngine();
  } catch (error) {
    return [{ name: engineName, isMissing: true, detail: messageOf(error) }];
  }
  const found = await findEngine(engine);
  if (found.isMissing) return [found];
  if (spec?.topology === 'single') return [found];
  return [found, await findImage(engine, await imageName()), accessFinding()];
}

/** Errors: EnvironmentError with what is missing. */
export async function requireEngine(engine: Engine, needsImage = true): Promise<void> {
  const found = [await findEngine(engine)];
  if (needsImage) found.push(await findImage(engine, await imageName()));
  const missing = found.find(({ isMissing }) => isMissing);
  if (!missing) return;
  throw new EnvironmentError(`${missing.name}: ${missing.detail}. ${missing.remedy ?? ''}`);
}

async function findEngine(engine: Engine): Promise<Finding> {
  const name = engineName;
  try {
    const { Version: version, ApiVersion: api } = await engine.version();
    const where = process.env.DOCKER_HOST ?? '';
    const detail = `${version} (API ${api})${where === '' ? '' : ` at ${where}`}`;
    if (isAtLeast(api, leastApi)) return { name, isMissing: false, detail };
    return {
      name,
      isMissing: true,
      detail: `${version} has API ${api}; at least ${leastApi} is needed`,
      remedy: 'Install Docker 20.10 or later.',
    };
  } catch (error) {
    const { message } = engineError('no engine answers', error);
    const [detail = message, remedy] = message.split(/\. (?=Start |Join )/);
    const absent = { name, isMissing: true, detail };
    if (remedy === undefined) return absent;
    if (!canInstall(error)) return { ...absent, remedy };
    const orElse = ` Or, on Debian as root: ${installCommand}`;
    return { ...absent, remedy: `${remedy}${orElse}`, packages: enginePackages };
  }
}

/** When no other engine is configured, and there is none here that only lacks permission. */
function canInstall(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  const isNamed = (process.env.DOCKER_HOST ?? '') !== '';
  return process.platform === 'linux' && !isNamed && ['ENOENT', 'ECONNREFUSED'].includes(code);
}

async function findImage(engine: Engine, image: string): Promise<Finding> {
  const name = 'image';
  try {
    const { Id: id } = await engine.getImage(image).inspect();
    return {
      name,
      isMissing: false,
      detail: `${image} (${id.replace('sha256:', '').slice(0, 12)})`,
    };
  } catch (error) {
    if (statusOf(error) !== 404) return { name, isMissing: true, detail: messageOf(error) };
    return {
      name,
      isMissing: true,
      detail: `${image} does not exist`,
      remedy: imageRemedy(),
      packages: ['debootstrap'],
    };
  }
}

function imageRemedy(): string {
  if (buildCommand === installCommand)
    return `${buildCommand}   (as root also where no registry answers)`;
  return `${buildCommand}   (as root also where no registry answers: ${installCommand})`;
}

function accessFinding(): Finding {
  const isDirect = wantedAccess() === 'namespaces';
  return {
    name: 'access',
    isMissing: false,
    detail: isDirect
      ? "root on the engine's host: load runs in client containers, rules through nsenter"
      : "through the engine's API: load runs on this host through published ports",
  };
}

async function imageName(): Promise<string> {
  const image = process.env.FORKPOINT_DOCKER_IMAGE;
  const services = await readComposeFile(
    image === undefined ? {} : { FORKPOINT_DOCKER_IMAGE: image },
  );
  return services.get(firstMember)?.image ?? '';
}

function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

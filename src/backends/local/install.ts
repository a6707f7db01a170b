import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '../../contracts/finding.ts';
import { EnvironmentError } from '../../std/errors.ts';
import { run, runOk } from '../../std/exec.ts';
import { findExecutable } from './find-executable.ts';

const installTimeoutMs = 600_000;
const createClusterDropIn = '/etc/postgresql-common/createcluster.d/forkpoint.conf';
const serviceStartPolicy = '/usr/sbin/policy-rc.d';
/** Services that Debian's packages would start now, or at the next boot of a host with systemd. */
const services: Readonly<Record<string, string>> = {
  'etcd-server': 'etcd.service',
  patroni: 'patroni.service',
  haproxy: 'haproxy.service',
  pgbouncer: 'pgbouncer.service',
};

/**
 * Installs with apt what preflight found missing. It starts no system service, now or later.
 * Errors: EnvironmentError with the command to run when this is not root, there is no apt, or apt fails.
 */
export async function installMissing(
  findings: readonly Finding[],
  log: (line: string) => void,
): Promise<void> {
  const missing = findings.filter((finding) => finding.isMissing);
  if (missing.length === 0) return;
  const packages = packagesFor(missing);
  const command = installCommand(packages);
  const hopeless = missing.filter(({ packages: bring }) => (bring ?? []).length === 0);
  if (hopeless.length > 0) throw new EnvironmentError(hopeless.map(describe).join('\n'));
  const aptGet = findExecutable('apt-get');
  if (process.getuid?.() !== 0 || aptGet === undefined) {
    const what = missing.map(describe).join('\n');
    throw new EnvironmentError(`${what}\nAs root: ${command}`);
  }
  log(`installing ${packages.join(', ')}: ${command}`);
  await using undo = new AsyncDisposableStack();
  await keepServersFromStarting(undo);
  await aptInstall(packages, log);
  await disableServices(packages);
}

/** Debian packages for everything that these findings miss, each once. */
export function packagesFor(findings: readonly Finding[]): readonly string[] {
  const missing = findings.filter((finding) => finding.isMissing);
  return [...new Set(missing.flatMap((finding) => finding.packages ?? []))].sort();
}

export function installCommand(packages: readonly string[]): string {
  return `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

function describe(finding: Finding): string {
  return `${finding.name}: ${finding.detail}${finding.remedy ? `. ${finding.remedy}` : ''}`;
}

/** Both files exist only while apt runs: later installs on this host are not affected. */
async function keepServersFromStarting(undo: AsyncDisposableStack): Promise<void> {
  const writeNew = async (file: string, text: string) => {
    if (existsSync(file)) return;
    undo.defer(() => rm(file, { force: true }));
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  };
  await writeNew(createClusterDropIn, 'create_main_cluster = false\n');
  if (existsSync(serviceStartPolicy)) return;
  await writeNew(serviceStartPolicy, '#!/bin/sh\n# Of forkpoint, while it installs.\nexit 101\n');
  await chmod(serviceStartPolicy, 0o755);
}

async function aptInstall(packages: readonly string[], log: (line: string) => void) {
  const install = ['apt-get', 'install', '-y', '--no-install-recommends'];
  // Another installation on this host may be under way.
  install.push('-o', 'DPkg::Lock::Timeout=300');
  // A conffile question would wait for a terminal that does not exist.
  const keepConfiguration = ['-o', 'Dpkg::Options::=--force-confdef'];
  keepConfiguration.push('-o', 'Dpkg::Options::=--force-confold');
  const options = { timeoutMs: installTimeoutMs, env: { DEBIAN_FRONTEND: 'noninteractive' } };
  const simulated = await run(['apt-get', 'install', '-s', ...packages], options);
  const isListKnown = simulated.exitCode === 0;
  if (isListKnown) {
    const first = await run([...install, ...keepConfiguration, ...packages], options);
    if (first.exitCode === 0) return;
  }
  // The lists are absent or older than the archive: packages are unknown or have moved.
  log('updating the package lists: apt-get update');
  const updated = await run(['apt-get', 'update'], options);
  await runOk(
    [...install, ...keepConfiguration, ...packages],
    (message) =>
      new EnvironmentError(
        `${message}${updated.exitCode === 0 ? '' : `\napt-get update: ${updated.stderr}`}`,
      ),
    options,
  );
}

async function disableServices(packages: readonly string[]): Promise<void> {
  if (!existsSync('/run/systemd/system')) return;
  const installed = packages.flatMap((name) => services[name] ?? []);
  if (installed.length > 0) await run(['systemctl', 'disable', '--now', ...installed]);
}

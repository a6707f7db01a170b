import { existsSync } from 'node:fs';
import { absent } from '../../backends/local/absent.ts';
import { findExecutable } from '../../backends/local/find-executable.ts';
import type { CapabilityName } from '../../contracts/cluster.ts';
import type { Finding } from '../../contracts/finding.ts';
import type { RouteSpec } from '../../contracts/route.ts';

/** Capabilities that the tests' faults need. Loop devices come with the kernel: where it has none, no package adds them. */
export const needsOfTests: readonly CapabilityName[] = existsSync('/dev/loop-control')
  ? ['clock', 'power']
  : ['clock'];

/** Every kind of proxy that a test's routes need. */
export const routesOfTests: readonly RouteSpec[] = [
  {
    name: 'pooled',
    via: 'pgbouncer',
    clients: 1,
    pool: { on25006: 'reconnect' },
    leadsTo: 'haproxy',
  },
];

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser that can open reports: CHROMIUM, or Debian's. */
export function browserPath(): string | undefined {
  return [process.env.CHROMIUM ?? '', ...browsers].find((file) => file !== '' && existsSync(file));
}

/** What the tests run beside the clusters: a browser, and OpenSSH's client with what makes keys. */
export function inspectTools(): readonly Finding[] {
  return [inspectBrowser(), inspectSsh()];
}

function inspectBrowser(): Finding {
  const name = 'Chromium';
  const file = browserPath();
  if (file !== undefined) return { name, isMissing: false, detail: file };
  return absent(name, `no ${browsers.join(', ')}`, ['chromium'], 'name one with CHROMIUM');
}

function inspectSsh(): Finding {
  const name = 'ssh';
  const missing = ['ssh', 'ssh-keygen', 'ssh-keyscan'].filter((one) => !findExecutable(one));
  if (missing.length === 0) return { name, isMissing: false, detail: findExecutable(name) ?? '' };
  return absent(name, `no ${missing.join(', ')} on PATH`, ['openssh-client']);
}

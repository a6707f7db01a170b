import { existsSync } from 'node:fs';
import { absent } from '../../backends/local/absent.ts';
import type { CapabilityName, Finding } from '../../contracts/cluster.ts';

/** Capabilities that the tests' faults need. Loop devices come with the kernel: where it has none, no package adds them. */
export const needsOfTests: readonly CapabilityName[] = existsSync('/dev/loop-control')
  ? ['clock', 'power']
  : ['clock'];

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser that can open reports: CHROMIUM, or Debian's. */
export function browserPath(): string | undefined {
  return [process.env.CHROMIUM ?? '', ...browsers].find((file) => file !== '' && existsSync(file));
}

export function inspectBrowser(): Finding {
  const name = 'Chromium';
  const file = browserPath();
  if (file !== undefined) return { name, isMissing: false, detail: file };
  return absent(name, `no ${browsers.join(', ')}`, ['chromium'], 'name one with CHROMIUM');
}

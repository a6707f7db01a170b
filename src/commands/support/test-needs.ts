import { existsSync } from 'node:fs';
import { absent } from '../../backends/local/absent.ts';
import type { CapabilityName, Finding } from '../../contracts/cluster.ts';

/** What the tests' faults act through. Loop devices come with the kernel: where there are none, no package brings them. */
export const needsOfTests: readonly CapabilityName[] = existsSync('/dev/loop-control')
  ? ['clock', 'power']
  : ['clock'];

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser to look at reports with: CHROMIUM, or where Debian has one. */
export function browserPath(): string | undefined {
  return [process.env.CHROMIUM ?? '', ...browsers].find((file) => file !== '' && existsSync(file));
}

export function inspectBrowser(): Finding {
  const name = 'Chromium';
  const file = browserPath();
  if (file !== undefined) return { name, isMissing: false, detail: file };
  return absent(name, `no ${browsers.join(', ')}`, ['chromium'], 'name one with CHROMIUM');
}

import { existsSync } from 'node:fs';
import type { CapabilityName, Finding } from '../../contracts/cluster.ts';
import { faketimePackage } from '../../machine/faketime.ts';
import { absent } from './absent.ts';
import { faketimeLibrary } from './clock-file.ts';
import { findExecutable } from './find-executable.ts';

/**
 * What only some faults need. Asked for by name, its absence stops a run; asked about in general, it is said and stops
 * nobody.
 */
export function inspectExtras(needs?: readonly CapabilityName[]): readonly Finding[] {
  const all = [
    { need: 'clock', findings: [inspectFaketime()] },
    { need: 'power', findings: inspectLoopDisks() },
  ] as const;
  if (needs) return all.flatMap(({ need, findings }) => (needs.includes(need) ? findings : []));
  return all.flatMap(({ need, findings }) =>
    findings.map((finding) => {
      const detail = finding.isMissing ? `${finding.detail}; only for ${need}` : finding.detail;
      return { ...finding, isMissing: false, detail };
    }),
  );
}

function inspectFaketime(): Finding {
  const file = faketimeLibrary();
  if (file !== undefined) return { name: 'libfaketime', isMissing: false, detail: file };
  const where = process.env.FORKPOINT_FAKETIME ?? '/usr/lib/*/faketime/libfaketimeMT.so.1';
  return absent('libfaketime', `no ${where}`, [faketimePackage], 'name it with FORKPOINT_FAKETIME');
}

function inspectLoopDisks(): readonly Finding[] {
  const name = 'loop devices';
  const device: Finding = existsSync('/dev/loop-control')
    ? { name, isMissing: false, detail: '/dev/loop-control' }
    : absent(name, 'no /dev/loop-control', [], 'as root: modprobe loop');
  return [device, program('mkfs.ext4', 'e2fsprogs'), program('python3', 'python3')];
}

function program(name: string, debianPackage: string): Finding {
  const file = findExecutable(name);
  if (file !== undefined) return { name, isMissing: false, detail: file };
  return absent(name, 'not found on PATH', [debianPackage]);
}

import type { CapabilityName } from '../../contracts/cluster.ts';
import type { Finding, MachineFinding } from '../../contracts/finding.ts';
import { probeMachine } from '../../machine/probe.ts';
import { commandShell } from '../../shells/support/command-shell.ts';
import { messageOf } from '../../std/errors.ts';
import { absent } from './absent.ts';
import { faketimeLibrary } from './clock-file.ts';
import { findExecutable, systemFolders } from './find-executable.ts';

/** Needed only by some faults: without a scenario, their absence is reported but prevents no run. */
const rare: readonly CapabilityName[] = ['clock', 'power', 'io'];

/**
 * What the controls of a lab's nodes need, tried in namespaces like a lab's, which end with the attempt. `needs`: the
 * controls of the run; others that are missing do not prevent it.
 */
export async function inspectControls(
  isRoot: boolean,
  needs?: readonly CapabilityName[],
): Promise<readonly Finding[]> {
  const asUser = isRoot ? [] : ['-U', '--map-root-user'];
  const path = [process.env.PATH ?? '', ...systemFolders].join(':');
  const entry = [
    ...[findExecutable('unshare') ?? 'unshare', ...asUser],
    ...['-n', '-p', '-m', '-i', '-f', '--kill-child', '--mount-proc', 'env', `PATH=${path}`],
  ];
  const machine = { name: 'this host', shell: commandShell('namespaces of a lab', entry) };
  try {
    const faketime = process.env.FORKPOINT_FAKETIME ?? faketimeLibrary();
    const found = await probeMachine(machine, { for: needs, faketime });
    return found.map((finding) => shown(finding, needs));
  } catch (error) {
    return [absent('controls of nodes', messageOf(error), [])];
  }
}

function shown(found: MachineFinding, needs: readonly CapabilityName[] | undefined): Finding {
  const { neededBy, ...finding } = found;
  if (!finding.isMissing) return finding;
  const stops = neededBy.some((need) => needs?.includes(need) ?? !rare.includes(need));
  const named = withHint(finding);
  if (stops) return named;
  return {
    ...named,
    isMissing: false,
    detail: `${finding.detail}; only for ${neededBy.join(', ')}`,
  };
}

function withHint(finding: Finding): Finding {
  if (finding.name !== 'libfaketime') return finding;
  return absent(
    finding.name,
    finding.detail,
    finding.packages ?? [],
    'name it with FORKPOINT_FAKETIME',
  );
}

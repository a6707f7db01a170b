import { readFileSync } from 'node:fs';
import type { Finding } from '../../contracts/finding.ts';
import { run } from '../../std/exec.ts';
import { absent } from './absent.ts';
import { findExecutable } from './find-executable.ts';

/** Tries the first step of a lab; if it fails, names the usual reason. */
export async function inspectNamespaces(isRoot: boolean): Promise<Finding> {
  const name = 'namespaces';
  const unshare = findExecutable('unshare');
  if (unshare === undefined) return absent(name, 'no unshare to make them', ['util-linux']);
  const asUser = isRoot ? [] : ['-U', '--map-root-user'];
  const tried = [unshare, ...asUser, ...'-n -p -m -i -f --kill-child --mount-proc true'.split(' ')];
  const result = await run(tried, { timeoutMs: 5_000 });
  if (result.exitCode === 0) {
    return { name, isMissing: false, detail: isRoot ? 'as root' : 'as an ordinary user' };
  }
  const said = result.stderr.trim().split('\n').at(-1) ?? '';
  return absent(name, `${tried.join(' ')}: ${said}`, [], whyForbidden(isRoot));
}

function whyForbidden(isRoot: boolean): string {
  if (isRoot) return 'in a container, it needs CAP_SYS_ADMIN and CAP_NET_ADMIN (--privileged)';
  const isOn = (file: string, value: string) => {
    try {
      return readFileSync(`/proc/sys/${file}`, 'utf8').trim() === value;
    } catch {
      return false;
    }
  };
  if (isOn('kernel/apparmor_restrict_unprivileged_userns', '1')) {
    return 'AppArmor forbids user namespaces: as root, sysctl -w kernel.apparmor_restrict_unprivileged_userns=0';
  }
  if (isOn('kernel/unprivileged_userns_clone', '0')) {
    return 'user namespaces are off: as root, sysctl -w kernel.unprivileged_userns_clone=1';
  }
  if (isOn('user/max_user_namespaces', '0')) {
    return 'user namespaces are off: as root, sysctl -w user.max_user_namespaces=10000';
  }
  return "in a container, Docker's default seccomp profile forbids it: --security-opt seccomp=unconfined; else run as root";
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { ClockControl } from '../../contracts/cluster.ts';
import { ClusterError, EnvironmentError } from '../../std/errors.ts';
import {
  clockSettleMs,
  faketimeEnvironment,
  faketimePackage,
  faketimeText,
  sitecustomize,
} from '../../machine/faketime.ts';
import { buildCommand } from '../../shells/docker/advice.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';
import { folder } from './layout.ts';

/** It is there where the member was booted to have its clock set. */
export const clockFile = `${folder}/clock`;

// In one step: a process that looks now must not find half of it.
const writeScript = 'printf %s "$2" > "$1.new" && mv "$1.new" "$1"';

const prepareScript = `
set -eu
ls /usr/lib/*/faketime/libfaketimeMT.so.1
printf %s "$1" > ${folder}/sitecustomize.py
printf %s "$2" > ${clockFile}`;

/** The clock of one member's Patroni and PostgreSQL. */
export function clockControl(access: Access, box: Box): ClockControl {
  const set = async (byMs: number) => {
    const argv = ['sh', '-c', writeScript, 'sh', clockFile, faketimeText(byMs)];
    const { exitCode, stderr } = await access.shell(box).run(argv);
    if (exitCode !== 0) throw new ClusterError(`${box.name}: its clock cannot be set: ${stderr}`);
    await sleep(clockSettleMs);
  };
  return { skew: set, reset: () => set(0) };
}

/** Makes a clock that is right and can be set. Errors: EnvironmentError when the image cannot do that. */
export async function prepareClock(access: Access, box: Box): Promise<void> {
  const argv = ['sh', '-c', prepareScript, 'sh', sitecustomize, faketimeText(0)];
  const { exitCode } = await access.shell(box).run(argv);
  if (exitCode === 0) return;
  throw new EnvironmentError(
    `${box.name}: the image has no ${faketimePackage}, which setting a clock needs: ${buildCommand}`,
  );
}

export async function hasClock(access: Access, box: Box): Promise<boolean> {
  return (await access.shell(box).run(['test', '-e', clockFile])).exitCode === 0;
}

const environment = faketimeEnvironment({
  library: '$(ls /usr/lib/*/faketime/libfaketimeMT.so.1)',
  clock: clockFile,
  python: folder,
});

/**
 * A line of shell: a member that is started after it sees this clock, where there is one. For the image's entry point,
 * which sets it when it is nobody but the service's account: what libfaketime makes as root is closed to that.
 */
export const useClock = `[ ! -e ${clockFile} ] || export MEMBER_ENVIRONMENT="${environment.join(' ')}"`;

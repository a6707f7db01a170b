import { EnvironmentError } from '../../std/errors.ts';
import {
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

const prepareScript = `
set -eu
ls /usr/lib/*/faketime/libfaketimeMT.so.1
printf %s "$1" > ${folder}/sitecustomize.py
printf %s "$2" > ${clockFile}`;

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

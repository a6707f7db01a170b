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

/** It exists if the member was booted with a clock that can be set. */
export const clockFile = `${folder}/clock`;

const prepareScript = `
set -eu
ls /usr/lib/*/faketime/libfaketimeMT.so.1
printf %s "$1" > ${folder}/sitecustomize.py
printf %s "$2" > ${clockFile}`;

/** Prepares a correct clock that can be set. Errors: EnvironmentError when the image cannot do that. */
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
 * A line of shell: a member started after it sees this clock, if there is one. Passed to the image's entry point, which
 * sets it only for the service's account: that account could not open files that libfaketime makes as root.
 */
export const useClock = `[ ! -e ${clockFile} ] || export MEMBER_ENVIRONMENT="${environment.join(' ')}"`;

import { forkpointVersion } from '../../evidence/store/run-folders.ts';
import { messageOf } from '../../std/errors.ts';
import type { ExternalParams } from './params.ts';
import { shellOf } from './shell-of.ts';

const timeoutMs = 30_000;

/** Why load cannot run on the machine that the file names for it; empty: it can, or it runs on this host. */
export async function examineSite({
  sites,
}: Pick<ExternalParams, 'sites'>): Promise<readonly string[]> {
  const site = sites?.clients;
  if (!site) return [];
  const { command } = site;
  const shown = command.join(' ');
  try {
    const shell = shellOf(site.shell);
    const found = await shell.run([...command, '--version'], { timeoutMs });
    const said = (found.stdout.trim() || found.stderr.trim()).split('\n').at(-1) ?? '';
    const version = await forkpointVersion();
    if (found.exitCode !== 0) {
      return [
        `sites.clients: \`${shown} --version\` by ${shell.description}: exit code ${found.exitCode}: ${said}; install Forkpoint ${version} and Node 24 there, or say what starts it in sites.clients.command`,
      ];
    }
    if (said === version) return [];
    return [
      `sites.clients: \`${shown}\` by ${shell.description} is version ${said}, and this is ${version}: install the same there`,
    ];
  } catch (error) {
    return [`sites.clients: ${messageOf(error)}`];
  }
}

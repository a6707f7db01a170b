import type { ClientSite } from '../../contracts/cluster.ts';
import { localShell } from '../../shells/local.ts';
import type { ExternalParams } from './params.ts';
import { shellOf } from './shell-of.ts';

const thisHost: ClientSite = {
  name: 'clients',
  description: 'this host',
  shell: localShell,
  isRemote: false,
};

/** Where load runs: the machine that the file names, or this host. */
export function clientSite({ sites }: Pick<ExternalParams, 'sites'>): ClientSite {
  const site = sites?.clients;
  if (!site) return thisHost;
  const shell = shellOf(site.shell);
  const { description } = shell;
  return { name: 'clients', description, shell, isRemote: true, command: site.command };
}

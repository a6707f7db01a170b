import type { ClientSite } from '../../contracts/cluster.ts';
import { localShell } from '../../shells/local.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';

/** The only client site when there are no client containers. */
export const thisHost: ClientSite = {
  name: 'clients',
  description: 'this host, through published ports on 127.0.0.1',
  shell: localShell,
  isRemote: false,
};

/** Where load or consumers run: this host's programs, in a container's network. */
export function siteOf(access: Access, box: Box): ClientSite {
  const description = 'a client container';
  return { name: box.name, description, shell: access.clientShell(box), isRemote: false };
}

import type { ShapingControl } from '../../contracts/cluster.ts';
import { type Layout, ports } from '../../machine/layout.ts';
import { shapingControl } from '../../machine/shaping.ts';
import { arpMatch, portMatches } from '../../machine/shaping-exempt.ts';
import type { Access } from './access.ts';
import type { Box } from './containers.ts';
import { observerPort } from './layout.ts';

/** Inside the container: what is held up there. */
export const shapingFolder = '/run/forkpoint-shaping';

/**
 * Holds up what one member's container sends. Not what goes to the harness, by the ports that no packet rule cuts
 * either: clients on this host come from the same address.
 */
export function dockerShaping(access: Access, box: Box, gateway: string): ShapingControl {
  return shapingControl({
    name: box.name,
    folder: shapingFolder,
    exempt: [
      arpMatch(gateway),
      ...[observerPort, ports.patroni].flatMap((port) => portMatches('sport', port, gateway)),
    ],
    shell: access.shell(box),
  });
}

/** This host, as members see it. */
export function gatewayOf(layout: Layout): string {
  const [first] = layout.nodes;
  return `${first?.address.split('.').slice(0, 3).join('.') ?? ''}.1`;
}

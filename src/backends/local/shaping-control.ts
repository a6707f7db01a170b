import type { ShapingControl } from '../../contracts/cluster.ts';
import { ports } from '../../machine/layout.ts';
import { shapingControl } from '../../machine/shaping.ts';
import { addressMatches, portMatches } from '../../machine/shaping-exempt.ts';
import { labShell } from './enter.ts';
import { labFolder } from './layout.ts';
import { observerAddress } from './layout.ts';
import type { LabRecord } from './record.ts';

/**
 * Holds up what one member sends. Not what goes to the harness, and not what the etcd member says that shares its
 * namespace: that one stands for a lock service with machines of its own.
 */
export function localShaping(record: LabRecord, node: string): ShapingControl {
  const hostsDcs = record.layout.dcs.some(({ name }) => name === node);
  return shapingControl({
    name: node,
    folder: shapingFolder(node),
    exempt: [
      ...addressMatches(observerAddress),
      ...(hostsDcs
        ? [
            ...portMatches('sport', ports.dcs),
            ...portMatches('sport', ports.dcsPeer),
            ...portMatches('dport', ports.dcsPeer),
          ]
        : []),
    ],
    shell: labShell(record, node),
  });
}

/** Inside the lab: what of a member is held up. */
export function shapingFolder(node: string): string {
  return `${labFolder}/${node}/shaping`;
}

import { diskFolders } from './disks.ts';
import { labShell } from './enter.ts';
import { labFolder } from './layout.ts';
import type { LabRecord } from './record.ts';
import { layerDisks, type LayeredDisks, settingsFile } from '../../machine/io.ts';

/** A member's disks, with the settings of their layers beside them. */
export function layeredDisks(record: LabRecord, node: string): LayeredDisks {
  return {
    name: node,
    disks: diskFolders(node),
    settings: (area) => settingsFile(`${labFolder}/${node}`, area),
    shell: labShell(record, node),
  };
}

/** Before anything is written there. Without a fault that needs them, disks have no layers: each costs time. */
export async function startLayers(record: LabRecord): Promise<void> {
  if (!record.needs.includes('io')) return;
  await Promise.all(record.layout.nodes.map(({ name }) => layerDisks(layeredDisks(record, name))));
}

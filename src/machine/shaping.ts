import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Shape, ShapingControl } from '../contracts/cluster.ts';
import type { Shell } from '../contracts/shell.ts';
import { ClusterError } from '../std/errors.ts';
import {
  type Exempt,
  applyShapeScript,
  clearShapeScript,
  holdsScript,
  labDevice,
  removeTagScript,
  totalOf,
  writeTagScript,
} from './shaping-scripts.ts';

const relayProgram = readFileSync(new URL('shaping-relay.py', import.meta.url), 'utf8');

const timeoutMs = 15_000;

export interface ShapedNode {
  readonly name: string;
  /** Folder on the node, lost with it. */
  readonly folder: string;
  readonly exempt: Exempt;
  /** Its network card; default: a lab's. */
  readonly device?: string;
  /** Default: true. */
  readonly hasRelay?: boolean;
  /** Runs commands on its machine, as root. */
  readonly shell: Shell;
}

/** Shapes the traffic that leaves one node's only interface: by tc, and where that is not possible, by shaping-relay.py. */
export function shapingControl(node: ShapedNode): ShapingControl {
  const { device = labDevice, hasRelay = true, exempt } = node;
  const shell = async (script: string, ...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await node.shell.run(['sh', '-c', script, 'sh', ...args], {
      timeoutMs,
    });
    if (exitCode === 0) return stdout;
    const said = (stderr || stdout).trim();
    throw new ClusterError(`${node.name}: shaping: exit code ${exitCode}: ${said}`);
  };
  const apply = async (written: string): Promise<readonly string[]> => {
    const total = totalOf(shapesIn(written));
    if (total) {
      const script = applyShapeScript(total, { device, exempt, hasRelay });
      return (await shell(script, node.folder, relayProgram)).trim().split('\n');
    }
    await shell(clearShapeScript(device), node.folder);
    return [];
  };
  return {
    shape: (tag, shape) =>
      inTurn(node, async () => {
        const text = JSON.stringify(shape);
        const means = await apply(await shell(writeTagScript, node.folder, fileOf(tag), text));
        return meansOf(shape, means);
      }),
    holds: (tag) =>
      inTurn(node, async () => {
        const found = await shell(holdsScript(device), node.folder, fileOf(tag));
        return found.trim() === 'yes';
      }),
    unshape: (tag) =>
      inTurn(node, async () => {
        const written = await shell(removeTagScript, node.folder, fileOf(tag));
        if (written.trim() !== 'none') await apply(written);
      }),
  };
}

/** Of the means in force, those that this tag needs. */
function meansOf(shape: Shape, means: readonly string[]): string {
  const asks = {
    limits: shape.bytesPerSecond !== undefined,
    delays: shape.delayMs !== undefined || shape.jitterMs !== undefined,
  };
  return means.filter((word) => (word === 'tbf' ? asks.limits : asks.delays)).join(' and ');
}

function shapesIn(written: string): readonly Shape[] {
  const lines = written.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Shape);
}

function fileOf(tag: string): string {
  return createHash('sha256').update(tag).digest('hex').slice(0, 12);
}

const turns = new Map<string, Promise<unknown>>();

/** The shape is the sum of the tags, so changes of one node are serialised. */
function inTurn<T>({ folder, name }: ShapedNode, task: () => Promise<T>): Promise<T> {
  const key = `${folder} ${name}`;
  const mine = (turns.get(key) ?? Promise.resolve()).then(task, task);
  turns.set(key, mine);
  return mine;
}

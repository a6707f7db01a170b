import type { Node, SqlControl } from '../../src/contracts/cluster.ts';
import { lacks } from '../../src/std/errors.ts';

export function sqlOf(node: Node): SqlControl {
  return node.sql ?? lacks(node, 'SQL sessions');
}

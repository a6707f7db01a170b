import type { Machine, SqlControl } from '../../src/contracts/cluster.ts';
import { lacks } from '../../src/std/errors.ts';

export function sqlOf(node: Machine): SqlControl {
  return node.sql ?? lacks(node, 'SQL sessions');
}

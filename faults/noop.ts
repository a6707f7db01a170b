import { z } from 'zod';
import type { Fault } from '../src/contracts/fault.ts';

/*
 * The template: copy this file, and the copy's name without `.ts` is the fault's name in scenarios.
 * Name it by its mechanism (freeze-postgres), not by what you hope it causes.
 *
 * A fault uses contracts, units, errors and wait, never a backend: it acts through the capabilities of a node
 * (node.process, node.network, node.files) and of the cluster (cluster.patroni), so that one file works on every backend
 * that offers them. test/conformance/faults.test.ts tests every file in this folder.
 */

/** This fault's own keys in a scenario. Strict: a misspelt key is an error, not ignored. */
const params = z.strictObject({
  /** Written to events.jsonl, to mark a moment of the run. */
  note: z.string().max(200).default(''),
});

const noop: Fault<z.infer<typeof params>> = {
  summary: 'Does nothing: marks a moment in events.jsonl, and is the template of a fault.',
  params,
  // 'nodes' for a fault that needs a `target`, 'none' for one that acts on the cluster as a whole and takes none.
  targets: 'any',
  // Only for a marker: leave it out of a fault that does anything.
  isHarmless: true,
  effects: { keepsLeader: true },
  // The planner refuses a scenario whose backend lacks one of these, before anything boots.
  needs: () => [],

  inject(targets, { note }, { signal }) {
    signal.throwIfAborted();

    // 1. Every undo first: it is on disk before the fault acts, so that it can be undone even if the harness dies.
    //    `for (const { name } of targets) undo({ do: 'resume', node: name, target: 'postgres' });`

    // 2. Then the fault, on all targets at once: `await allDone(targets.map((node) => ...))` from src/std/wait.ts.

    // 3. What events.jsonl should record about it.
    return Promise.resolve({ note, targets: targets.map(({ name }) => name) });
  },
};
export default noop;

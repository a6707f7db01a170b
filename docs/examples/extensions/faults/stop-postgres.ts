import { allDone, type Fault, lacks, z } from 'forkpoint/extension';

/** This fault's own keys in a scenario. Strict: a misspelt key is an error, not ignored. */
const params = z.strictObject({});

const stopPostgres: Fault<z.infer<typeof params>> = {
  summary: 'Sends SIGSTOP to every PostgreSQL process of its targets; continues them to heal.',
  params,
  targets: 'nodes',
  // The planner refuses a cluster that lacks one of these before anything boots.
  needs: () => ['process'],
  // The planner refuses to freeze what an earlier step has killed.
  processes: () => ({ of: 'postgres', become: 'frozen' }),

  async inject(targets, _params, { undo }) {
    const controls = targets.map((node) => node.process ?? lacks(node, 'processes'));
    // First the undo, which is on disk before the fault acts; then the fault, on all targets at once.
    for (const { name } of targets) undo({ do: 'resume', node: name, target: 'postgres' });
    await allDone(controls.map((control) => control.signal('postgres', 'SIGSTOP')));
    // What events.jsonl should record.
    return { frozen: targets.map(({ name }) => name) };
  },
};
export default stopPostgres;

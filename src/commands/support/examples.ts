interface Example {
  /** Behind `forkpoint`. */
  readonly line: string;
  readonly does: string;
}

/** Two lines of each command that can be copied, and what they do. */
export const examples: Readonly<Record<string, readonly Example[]>> = {
  run: [
    { line: 'run partition-5s', does: 'boot a cluster, cut its leader off, judge the writes' },
    {
      line: 'run partition-5s --seed 7 --set load.clients=32',
      does: 'the same with other keys and more clients',
    },
  ],
  suite: [
    { line: 'suite', does: 'list the suites' },
    { line: "suite nightly --only 'partition*' --jobs 2", does: 'a part of one, two at a time' },
  ],
  matrix: [
    {
      line: 'matrix async-tail-loss --over synchronous=off,on',
      does: 'one run for each value',
    },
    {
      line: 'matrix async-tail-loss --over synchronous=off,on --over synchronous_commit=on,local',
      does: 'four runs, one for each combination',
    },
  ],
  replay: [
    { line: 'replay partition-5s', does: 'repeat the latest run of a scenario' },
    { line: 'replay report.tar.gz --quiet', does: 'repeat the run in a bundle' },
  ],
  conformance: [
    {
      line: 'conformance docs/examples/extensions',
      does: 'try the example extensions; boots a small cluster',
    },
    {
      line: 'conformance my-extensions --dsn postgres://me@db1/scratch',
      does: 'try workloads on a primary of yours',
    },
  ],
  check: [
    { line: 'check partition-5s', does: 'print the plan' },
    {
      line: 'check my.yaml --set cluster.nodes=5 --json',
      does: 'the plan of a file of yours, as JSON',
    },
  ],
  report: [
    { line: 'report partition-5s', does: 'write all reports of the latest run again' },
    { line: 'report partition-5s --format markdown', does: 'print one' },
  ],
  judge: [
    { line: 'judge partition-5s', does: 'judge the latest run again' },
    { line: 'judge report.tar.gz --json', does: 'judge a bundle and print result.json' },
  ],
  verify: [
    {
      line: 'verify partition-5s --lab 20260101t000000z-1a2b3c',
      does: 'read the cluster that run --keep holds',
    },
    {
      line: 'verify partition-5s --dsn postgres://postgres@db1/app --dsn postgres://postgres@db2/app',
      does: 'read two servers',
    },
  ],
  history: [
    { line: 'history partition-5s --lost', does: 'the operations that were lost' },
    { line: 'history partition-5s --format edn', does: 'all of them, for a Jepsen checker' },
  ],
  bundle: [
    { line: 'bundle partition-5s', does: 'pack the latest run' },
    {
      line: 'bundle partition-5s --max-size 10MB --output report.tar.gz',
      does: 'fit for an issue',
    },
  ],
  compare: [
    { line: 'compare nightly~1 nightly', does: 'the last two runs of a suite' },
    { line: 'compare release-1 nightly --json', does: 'a baseline with the latest run, as JSON' },
  ],
  baseline: [
    { line: 'baseline', does: 'list the baselines' },
    { line: 'baseline release-1 nightly', does: 'keep the latest run of a suite' },
  ],
  index: [
    { line: 'index', does: 'write the page over all runs' },
    { line: 'index --keep-runs 10', does: 'and remove the folders of older runs' },
  ],
  lab: [
    { line: 'lab', does: 'three nodes, asynchronous' },
    { line: 'lab --nodes 5 --synchronous quorum', does: 'five nodes, quorum commit' },
  ],
  psql: [
    { line: 'psql pg1', does: 'open psql on pg1' },
    { line: "psql pg2 -c 'SELECT pg_is_in_recovery()'", does: 'run one statement' },
  ],
  exec: [
    { line: 'exec pg1 ps aux', does: "list the node's processes" },
    {
      line: 'exec pg2 --lab 20260101t000000z-1a2b3c ip addr',
      does: 'when several labs are up',
    },
  ],
  heal: [
    { line: 'heal', does: 'the latest run with something left in force' },
    { line: 'heal partition-5s --json', does: 'the latest run of a scenario, as JSON' },
  ],
  clean: [
    { line: 'clean', does: 'remove what killed runs left behind' },
    { line: 'clean --json', does: 'and list it as JSON' },
  ],
  doctor: [
    { line: 'doctor --install', does: 'bring what this host lacks' },
    {
      line: 'doctor --dsn postgres://postgres@db1/app --patroni http://db1:8008',
      does: 'what your cluster promises',
    },
  ],
  selftest: [
    { line: 'selftest', does: 'one cluster, every kind of damage' },
    { line: 'selftest --seed 7 --repeat 3', does: 'three clusters, other victims' },
  ],
  schema: [
    { line: 'schema', does: 'for an editor that checks scenario files' },
    { line: 'schema --result', does: 'for a program that reads result.json' },
  ],
  completion: [
    {
      line: 'completion bash > ~/.local/share/bash-completion/completions/forkpoint',
      does: 'bash, from the next shell on',
    },
    { line: 'completion fish > ~/.config/fish/completions/forkpoint.fish', does: 'fish' },
  ],
};

/** As --help ends. */
export function examplesOf(command: string): string {
  const lines = (examples[command] ?? []).flatMap(({ line, does }) => [
    `  # ${does}`,
    `  forkpoint ${line}`,
  ]);
  return `\nExamples:\n${lines.join('\n')}`;
}

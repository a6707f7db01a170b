/** What other programs import from 'forkpoint'. Everything else may change from one version to the next. */
export {
  defineScenario,
  runScenario,
  type DefinedScenario,
  type RunScenarioOptions,
  type ScenarioInput,
  type ScenarioRun,
} from './api/run-scenario.ts';
export {
  startCluster,
  type StartClusterOptions,
  type StartedCluster,
} from './api/start-cluster.ts';
export type { FaultInput, InjectedFault } from './api/cluster-faults.ts';
export type { Result } from './contracts/result.ts';
export { ClusterError, EnvironmentError, HarnessBug, ScenarioError } from './std/errors.ts';

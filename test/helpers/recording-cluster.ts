export { RecordingCluster } from '../../src/conformance/recording/recording-cluster.ts';

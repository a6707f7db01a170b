export { measuredRun } from '../../src/conformance/samples/measured.ts';

export {
  judgedRun,
  losing,
  passing,
  unjudged,
  withTimeline,
} from '../../src/conformance/samples/results.ts';

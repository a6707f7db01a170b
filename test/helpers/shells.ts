export { scriptedShell } from '../../src/conformance/recording/scripted-shell.ts';

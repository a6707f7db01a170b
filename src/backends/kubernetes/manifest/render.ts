import { parseDocument, stringify } from 'yaml';
import type { Json } from '../../../contracts/json.ts';

/** No anchors: the same labels stand in many places, and each is edited by itself. */
const options = { lineWidth: 0, aliasDuplicateObjects: false, singleQuote: true };

/** Documents as kubectl reads them. */
export function renderManifest(documents: readonly Json[], head: readonly string[]): string {
  const comment = head.map((line) => `# ${line}\n`).join('');
  return comment + documents.map((each) => stringify(each, options)).join('---\n');
}

/** The cluster file for a pod: it has no kubeconfig, and is in the cluster that a context would name. */
export function clusterTextForPod(text: string): string {
  const yaml = parseDocument(text);
  if (!yaml.has('kubeconfig') && !yaml.has('context')) return text;
  yaml.delete('kubeconfig');
  yaml.delete('context');
  return String(yaml);
}

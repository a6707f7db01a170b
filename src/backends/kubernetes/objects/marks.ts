import type { Json } from '../../../contracts/json.ts';
import type { ObjectChange } from '../../../contracts/objects.ts';
import { beforeAnnotation, helperLabel, runLabel, tagAnnotation } from '../labels.ts';

/** The value of the label of kind on objects that are not ours, and that a fault has changed. */
export const changed = 'changed';

/** A field of an object that is not ours, which a fault sets. */
export interface Field {
  readonly what: string;
  readonly path: string;
  /** In its spec: unschedulable, replicas. */
  readonly name: string;
  readonly before: Json;
  readonly run: string;
  readonly tag: string;
}

/** Merge patch: the field, and our mark beside it, in one step. */
export function setField({ name, before, run, tag }: Field, value: Json): Json {
  return {
    metadata: {
      labels: { [helperLabel]: changed, [runLabel]: run },
      annotations: { [tagAnnotation]: tag, [beforeAnnotation]: JSON.stringify(before) },
    },
    spec: { [name]: value },
  };
}

/** Takes it back, and the mark with it. Its first two steps fail where the mark is another injection's, or gone. */
export function unsetField(
  { what, path, name, before, run, tag }: Field,
  value: Json,
): ObjectChange {
  const label = (key: string) => `/metadata/labels/${escaped(key)}`;
  const annotation = (key: string) => `/metadata/annotations/${escaped(key)}`;
  const patch = [
    { op: 'test', path: label(runLabel), value: run },
    { op: 'test', path: annotation(tagAnnotation), value: tag },
    { op: 'add', path: `/spec/${name}`, value: before },
    { op: 'remove', path: label(helperLabel) },
    { op: 'remove', path: label(runLabel) },
    { op: 'remove', path: annotation(tagAnnotation) },
    { op: 'remove', path: annotation(beforeAnnotation) },
  ];
  return { what, path, patch, sets: { field: `/spec/${name}`, value } };
}

/** Of a marked object: what takes the change of its spec's field back; undefined: it has no mark. */
export function fieldOf(
  object: MarkedObject,
  { what, path, name }: Pick<Field, 'what' | 'path' | 'name'>,
): Field | undefined {
  const { labels = {}, annotations = {} } = object.metadata;
  const [run, tag] = [labels[runLabel], annotations[tagAnnotation]];
  if (labels[helperLabel] !== changed || run === undefined || tag === undefined) return undefined;
  const before = JSON.parse(annotations[beforeAnnotation] ?? 'null') as Json;
  return { what, path, name, before, run, tag };
}

/** What is read of an object. */
export interface MarkedObject {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** RFC 6901. */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

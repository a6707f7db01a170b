import { z } from 'zod';
import { conditionSchema } from './condition-schema.ts';
import type { ScenarioRegistry } from '../../contracts/registry.ts';
import { defectKey, phasesKey, whenKey } from './parse-expect.ts';
import { phaseShape } from './phase-schema.ts';
import { clusterSchema } from './cluster-schema.ts';
import { evidenceSchema, headSchema, holdSchema, verifySchema } from './file-schema.ts';
import { loadShape } from './load-schema.ts';
import { downstreamSchema } from './downstream-schema.ts';
import { groupShape } from './group-schema.ts';
import { ends } from './profile-schema.ts';
import { stepShape } from './step-schema.ts';
import { dcsWords } from '../words/dcs-targets.ts';
import { proxiesTarget, targetWords } from '../words/targets.ts';
import { cureSchema, incidentSchema } from './incident-schema.ts';
import { thresholdsSchema } from './threshold-schema.ts';

type JsonSchema = Record<string, unknown> & {
  properties?: Record<string, unknown>;
  required?: string[];
};

/** The JSON Schema of scenario files as text, made from the schemas that parse them and the loaded extensions. */
export function renderSchema(registry: ScenarioRegistry): string {
  return `${JSON.stringify(schemaOf(registry), null, 2)}\n`;
}

export function schemaOf(registry: ScenarioRegistry): JsonSchema {
  const head = convert(headSchema);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Forkpoint scenario',
    type: 'object',
    properties: {
      ...head.properties,
      backend: { ...asObject(head.properties?.backend), enum: [...registry.backends.keys()] },
      cluster: clusterOf(registry),
      load: loadOf(registry),
      downstream: convert(downstreamSchema),
      faults: { type: 'array', maxItems: 1000, items: stepOf(registry) },
      expect: expectOf(registry),
      verify: convert(verifySchema),
      evidence: convert(evidenceSchema),
      hold: convert(holdSchema),
      thresholds: convert(thresholdsSchema),
      incident: convert(incidentSchema),
      cure: convert(cureSchema),
    },
    required: [...(head.required ?? []), 'load'],
    additionalProperties: false,
  };
}

/** With every backend's own keys: which one is chosen, an editor cannot know. */
function clusterOf({ backends }: ScenarioRegistry): JsonSchema {
  const base = convert(clusterSchema);
  const own: Record<string, unknown> = {};
  for (const [name, { params }] of backends) {
    for (const [key, schema] of Object.entries(convert(params).properties ?? {})) {
      const others = Object.hasOwn(own, key) ? (own[key] as { description: string }) : undefined;
      const described = asObject(schema) as { readonly description?: string };
      own[key] = others
        ? { ...others, description: `${others.description} Also a key of backend ${name}.` }
        : { ...described, description: `Backend ${name}: ${described.description ?? ''}` };
    }
  }
  return { ...base, properties: { ...own, ...base.properties } };
}

function loadOf({ workloads }: ScenarioRegistry): JsonSchema {
  const base = convert(z.object(loadShape));
  const all = [...workloads.values()].map(({ params }) => convert(params).properties ?? {});
  const own = Object.fromEntries(all.flatMap(Object.entries<unknown>));
  const named = { type: 'string', enum: [...workloads.keys()] };
  const group = convert(z.object(groupShape));
  const groups = {
    ...asObject(base.properties?.groups),
    additionalProperties: {
      ...group,
      properties: {
        ...own,
        ...group.properties,
        workload: { ...asObject(group.properties?.workload), ...named },
      },
      additionalProperties: false,
    },
  };
  return {
    ...base,
    properties: {
      ...own,
      ...base.properties,
      groups,
      workload: { ...named, default: 'ledger' },
    },
    anyOf: ends.map((key) => ({ required: [key] })),
    additionalProperties: false,
  };
}

/** One alternative per fault, selected by the value of `fault`. */
function stepOf({ faults }: ScenarioRegistry): JsonSchema {
  const base = convert(z.object(stepShape));
  const alternatives = [...faults].map(([name, fault]) => {
    const own = convert(fault.params);
    const takesTarget = fault.targets !== 'none';
    const untargeted = without('target', base.properties ?? {});
    const words = fault.targets === 'dcs' ? dcsWords : targetWords;
    const examples = [...Object.keys(words), ...(fault.meetsProxies ? [proxiesTarget] : [])];
    const target = { ...asObject(base.properties?.target), examples };
    return {
      type: 'object',
      description: fault.summary,
      properties: {
        ...(takesTarget ? { ...untargeted, target } : untargeted),
        fault: { const: name, description: fault.summary },
        ...own.properties,
      },
      required: [
        'fault',
        ...(fault.targets === 'nodes' ? ['target'] : []),
        ...(own.required ?? []),
      ],
      oneOf: [{ required: ['at'] }, { required: ['after'] }],
      additionalProperties: false,
    };
  });
  return { anyOf: alternatives };
}

function expectOf(registry: ScenarioRegistry): JsonSchema {
  const checks = demandsOf(registry);
  const conditions = convert(conditionSchema).properties ?? {};
  const backend = { ...asObject(conditions.backend), enum: [...registry.backends.keys()] };
  const defect = {
    description:
      'The issue of a known defect of these versions. A run that fails `expect` and keeps to this block ends as knownDefect.',
    type: 'string',
    minLength: 1,
    maxLength: 200,
  };
  const block = {
    type: 'object',
    properties: { ...conditions, backend, [defectKey]: defect, ...checks },
    minProperties: 2,
    additionalProperties: false,
  };
  const when = {
    description: 'Demands that apply only under a condition; a later block takes precedence.',
    type: 'array',
    minItems: 1,
    maxItems: 100,
    items: block,
  };
  const ofWindows = [...registry.checks].filter(([, check]) => check.checkWindow !== undefined);
  const phases = {
    description: 'Demands on the load before, during or after a fault alone.',
    type: 'array',
    minItems: 1,
    maxItems: 100,
    items: {
      type: 'object',
      properties: {
        ...convert(z.object(phaseShape)).properties,
        ...conditions,
        backend,
        ...Object.fromEntries(ofWindows.map(([name]) => [name, checks[name]])),
      },
      oneOf: ['before', 'during', 'after'].map((key) => ({ required: [key] })),
      minProperties: 2,
      additionalProperties: false,
    },
  };
  return {
    type: 'object',
    properties: { ...checks, [whenKey]: when, [phasesKey]: phases },
    additionalProperties: false,
  };
}

function demandsOf({ checks }: ScenarioRegistry): Record<string, unknown> {
  return Object.fromEntries(
    [...checks].map(([name, { summary, params, byDefault }]) => [
      name,
      {
        ...convert(params),
        description: summary,
        ...(byDefault !== undefined && { default: byDefault }),
      },
    ]),
  );
}

/** A schema that is not zod's cannot be described, so any value is allowed there. */
function convert(schema: unknown): JsonSchema {
  if (!(schema instanceof z.ZodType)) return {};
  const converted = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  });
  return without('$schema', converted);
}

function without(key: string, from: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(from).filter(([name]) => name !== key));
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

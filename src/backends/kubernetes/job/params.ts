import { z } from 'zod';

/** Kubernetes' own notation: 500m, 256Mi. */
const quantities = z.record(
  z.string().min(1),
  z.union([z.string().min(1), z.number()]).transform(String),
);

/** `sites.clients.job` of a cluster file: load workers as the pods of a Job. */
export const jobParams = z.strictObject({
  image: z.string().min(1).describe('Of Forkpoint itself, in this version.'),
  parallelism: z
    .int()
    .min(1)
    .max(1_000)
    .describe('Pods; the load is divided among them, at least one client each.'),
  resources: z
    .strictObject({ requests: quantities.optional(), limits: quantities.optional() })
    .default({ requests: { cpu: '250m', memory: '192Mi' }, limits: { memory: '512Mi' } }),
  nodeSelector: z.record(z.string(), z.string()).optional(),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
});
export type JobParams = z.infer<typeof jobParams>;

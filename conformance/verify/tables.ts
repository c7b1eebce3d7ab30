/**
 * The tables beside the specs: models.json (what each model must show) and mutants.json (the
 * seeded bugs and what kills them). Read strictly: a misspelt key is an error, not a default.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UsageError } from '../sources/usageError.ts';

const expectation = z.strictObject({
  verdict: z.enum(['ok', 'violation']).default('ok'),
  /** The property a model that must fail fails. */
  property: z.string().optional(),
  distinct: z.number().int().nonnegative().optional(),
  generated: z.number().int().nonnegative().optional(),
  depth: z.number().int().nonnegative().optional(),
});

const modelRow = z.strictObject({
  model: z.string().min(1),
  /** The root module's name, where it is not the model's. */
  module: z.string().min(1).optional(),
  cfg: z.string().endsWith('.cfg'),
  mode: z.enum(['check', 'simulate', 'liveness']),
  replay: z.boolean().default(false),
  /** Are histories of tours over the graph checked for linearizability? */
  tours: z.boolean().default(false),
  tier: z.enum(['fast', 'long']).default('fast'),
  expect: expectation.default({ verdict: 'ok' }),
  about: z.string().default(''),
  /** What the run took where the row was written; it orders the work. */
  seconds: z.number().nonnegative().optional(),
  simulate: z
    .strictObject({
      num: z.number().int().positive(),
      depth: z.number().int().positive(),
      seed: z.number().int(),
    })
    .optional(),
});

const modelsSchema = z.strictObject({
  models: z.array(modelRow).min(1),
  mutants: z.string().optional(),
});

const mutantsSchema = z.array(
  z.strictObject({
    id: z.string().min(1),
    title: z.string().min(1),
    file: z.string().min(1),
    find: z.string().min(1),
    replace: z.string(),
    killedBy: z.string().min(1),
    property: z.string().min(1),
    control: z.string().min(1),
  }),
);

export type ModelRow = z.output<typeof modelRow>;
export type MutantRow = z.output<typeof mutantsSchema>[number];

export function readModels(path: string): z.output<typeof modelsSchema> {
  return read(path, modelsSchema);
}

export function readMutants(path: string): MutantRow[] {
  return read(path, mutantsSchema);
}

function read<T>(path: string, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError('bad-table', `${path} cannot be read: ${reason}`, 'Correct it.', cause);
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new UsageError(
    'bad-table',
    `${path} is not as expected:\n${z.prettifyError(result.error)}`,
    'Correct the rows named.',
  );
}

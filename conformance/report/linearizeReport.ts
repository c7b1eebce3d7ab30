/** What `bisim linearize --json` prints, as a schema. */
import { z } from 'zod';

const verdict = z.enum(['ok', 'violation', 'unknown']);
const count = z.number().int().nonnegative();

const operation = z.object({
  process: z.union([z.string(), z.number()]),
  op: z.string(),
  key: z.unknown().optional(),
  value: z.unknown().optional(),
  result: z.unknown().optional(),
  invoke: z.number(),
  return: z.number().nullable(),
  status: z.enum(['ok', 'fail', 'info']),
  eventual: z.boolean().optional(),
  token: z.string().optional(),
  position: z.number().optional(),
});

const file = z.object({
  file: z.string(),
  verdict,
  operations: count,
  seconds: z.number(),
  steps: count,
  /** On violation and unknown: one sentence. */
  reason: z.string().optional(),
  key: z.unknown().optional(),
  /** On violation: operations that are a violation on their own. */
  operationsInvolved: z.array(operation).optional(),
  /** They, in the words of the user's model, where it has any. */
  told: z.array(z.string()).optional(),
  minimal: z.boolean().optional(),
  /** How far an order gets, and why each next operation is refused. */
  longestPrefix: z
    .object({
      /** The last ones, where they are many. */
      operations: z.array(operation),
      placed: count,
      told: z.array(z.string()).optional(),
      state: z.string(),
      refused: z.array(z.object({ operation, told: z.string().optional(), why: z.string() })),
    })
    .optional(),
  /** The name of the anomaly, for models that name theirs. */
  anomaly: z.string().optional(),
  notes: z.array(z.string()).optional(),
  /** On unknown: what is open, and what ran out. */
  undecided: z
    .array(z.object({ key: z.unknown().optional(), placed: count, of: count }))
    .optional(),
  spent: z.enum(['steps', 'time', 'memory']).optional(),
});

export const linearizeReportSchema = z.object({
  schema: z.literal('bisim.linearize.1'),
  /** Of the worst file. */
  verdict,
  exitCode: z.number().int(),
  model: z.string(),
  consistency: z.string(),
  operations: count,
  seconds: z.number(),
  reason: z.string().optional(),
  operationsInvolved: z.array(operation).optional(),
  files: z.array(file),
  /** The command that repeats it. */
  repeat: z.string(),
});

export type LinearizeReport = z.output<typeof linearizeReportSchema>;

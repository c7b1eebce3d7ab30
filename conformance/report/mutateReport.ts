/** What `bisim mutate --json` prints. */
import { z } from 'zod';

const count = z.int().nonnegative();

const mutant = z.object({
  id: z.string(),
  kind: z.enum(['spec', 'code']),
  operator: z.string(),
  file: z.string(),
  line: count,
  /** The action or function it stands in. */
  inside: z.string(),
  before: z.string(),
  after: z.string(),
  verdict: z.enum(['killed', 'equivalent', 'outside', 'hole', 'invalid', 'unknown']),
  /** A property, replay, TLC or limit; empty for survivors. */
  by: z.string(),
  reason: z.string(),
  seconds: z.number(),
  cached: z.boolean(),
});

export const mutateReportSchema = z.object({
  schema: z.literal('bisim.mutate.1'),
  verdict: z.enum(['ok', 'violation', 'unknown', 'interrupted']),
  binding: z.string(),
  model: z.string(),
  /** How many could be made, and how many of them were judged. */
  possible: count,
  judged: count,
  killed: count,
  equivalent: count,
  outside: count,
  holes: count,
  /** Killed of those that change what the model or the code does; null where there are none. */
  score: z.number().nullable(),
  mutants: z.array(mutant),
  seed: count,
  seconds: z.number(),
});

export type MutateReport = z.infer<typeof mutateReportSchema>;
export type MutantRow = MutateReport['mutants'][number];

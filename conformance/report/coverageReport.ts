/**
 * The one object that `bisim coverage --json` prints, as a schema. What must hold: additions keep
 * `schema`, a change of meaning raises it.
 */
import { z } from 'zod';

const count = z.number().int().nonnegative();

const guard = z.object({
  /** `Accept("r1")`: the action with its arguments. */
  label: z.string(),
  action: z.string(),
  edges: count,
  reached: count,
  /** States that were reached: where the model allows it, and where it does not. */
  allowedIn: count,
  forbiddenIn: count,
});

const action = z.object({
  action: z.string(),
  ignored: z.boolean(),
  edges: count,
  reached: count,
  /** Steps of recorded traces; several may be one edge. */
  recorded: count,
});

const covered = z.object({
  binding: z.string(),
  model: z.string(),
  states: count,
  statesReached: count,
  edges: count,
  reached: count,
  actions: z.array(action),
  /** By action and arguments. */
  guards: z.array(guard),
  /** What no run and no trace ever did, least first named. */
  never: z.array(z.string()),
  /** What the runs were: a replay, or files. */
  from: z.array(z.string()),
  problems: z.array(z.string()),
});

export const coverageReportSchema = z.object({
  schema: z.literal('bisim.coverage.1'),
  /** violation: a run or a trace failed, or nothing was reached at all. */
  verdict: z.enum(['ok', 'violation', 'unknown']),
  bindings: z.array(covered),
  seconds: z.number(),
});

export type CoverageReport = z.output<typeof coverageReportSchema>;
export type CoveredBinding = CoverageReport['bindings'][number];

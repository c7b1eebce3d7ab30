/**
 * The one object that `bisim check --json` prints, as a schema. What must hold: additions keep
 * `schema`, a change of meaning raises it. With several cfgs the outer fields are those of the
 * worst run, and `runs` has all of them.
 */
import { z } from 'zod';

const count = z.number().int().nonnegative();
const location = z.object({ file: z.string(), line: count, column: count });
const state = z.record(z.string(), z.string());

const step = z.object({
  /** The label of the action that led here; `Init` for an initial state. */
  action: z.string(),
  /** Its arguments as TLA+ text, where they could be told. */
  args: z.array(z.string()).optional(),
  /** By variable, as TLA+ text. */
  state,
});

const checkRun = z.object({
  verdict: z.enum(['ok', 'violation', 'error', 'unknown']),
  /** Why it is not ok: invariant, action-property, liveness, deadlock, assume, assert, empty, … */
  kind: z.string().nullable(),
  property: z.string().nullable(),
  message: z.string().nullable(),
  location: location.nullable(),
  distinct: count,
  generated: count,
  initial: count,
  depth: count,
  /** States still to be searched when the run ended. */
  queue: count,
  trace: z.array(step),
  /** A liveness counterexample stays for ever, or goes back to this state of the trace (from 1). */
  lasso: z.union([z.literal('stuttering'), count]).nullable(),
  /** The step that goes back there. */
  back: step.omit({ state: true }).nullable().optional(),
  /** Files that --save kept the counterexamples in. */
  saved: z.array(z.string()).optional(),
  /** Other violated properties, with --continue. */
  further: z.array(
    z.object({
      kind: z.string(),
      property: z.string().nullable(),
      message: z.string(),
      trace: z.array(step),
    }),
  ),
  /** How often TLC took each action, and how many of these steps led to a new state. */
  actions: z.array(z.object({ action: z.string(), location, distinct: count, generated: count })),
  /** Actions that no reachable state enables. */
  neverTaken: z.array(z.string()),
  /** With --coverage: expressions, by how often each was evaluated. */
  expressions: z.array(z.object({ location, depth: count, count })),
  warnings: z.array(z.string()),
  notes: z.array(z.string()),
  /** Path of the jar that was run. */
  jar: z.string(),
  tlc: z.object({ version: z.string(), sha256: z.string(), source: z.string() }),
  spec: z.string(),
  cfg: z.string(),
  workers: z.union([count, z.literal('auto')]),
  mode: z.enum(['check', 'simulate', 'dfid', 'distributed']),
  /** Was every reachable state of the model searched? */
  exhaustive: z.boolean(),
  cached: z.boolean(),
  seconds: z.number(),
  exitCode: z.number().int(),
});

export const checkReportSchema = checkRun.extend({
  schema: z.literal('bisim.check.1'),
  runs: z.array(checkRun).optional(),
});

export type CheckRun = z.output<typeof checkRun>;
export type CheckReport = z.output<typeof checkReportSchema>;

/**
 * The one object that `bisim validate --json` prints, as a schema. What must hold: additions keep
 * `schema`, a change of meaning raises it. Values are TLA+ text.
 */
import { z } from 'zod';

const count = z.number().int().nonnegative();
const values = z.record(z.string(), z.string());
const call = z.object({ action: z.string(), args: values });
const event = z.object({
  file: z.string(),
  line: count,
  actions: z.array(z.string()),
  args: values,
});

const rejection = z.object({
  /** The event that is no step of the spec; absent where no initial state fits. */
  event: event.optional(),
  /** Absent where the first event is the one. */
  lastMatched: event.optional(),
  /** A state of the spec after the last matched event, hidden variables included. */
  state: values.optional(),
  states: count,
  enabled: z.array(call),
  falseGuard: z
    .object({
      action: z.string(),
      text: z.string(),
      file: z.string(),
      line: count,
      column: count,
    })
    .optional(),
  differences: z.array(
    z.object({
      variable: z.string(),
      recorded: z.string(),
      expected: z.string(),
      parts: z.array(z.string()),
    }),
  ),
  /** Other actions of which what was recorded would be a step. */
  fits: z.array(call),
  /** What TLC said, where it could not evaluate the step. */
  tlc: z.string().optional(),
});

const trace = z.object({
  name: z.string(),
  verdict: z.enum(['accepted', 'rejected', 'unknown']),
  events: count,
  matched: count,
  notes: z.array(z.string()),
  /** Of the first rejected traces. */
  rejection: rejection.optional(),
});

export const validateReportSchema = z.object({
  schema: z.literal('bisim.validate.1'),
  verdict: z.enum(['ok', 'violation', 'error', 'unknown']),
  exitCode: z.number().int(),
  spec: z.string(),
  cfg: z.string(),
  traces: z.array(trace),
  /** Events that are steps of the spec, and all that were recorded. */
  matched: count,
  events: count,
  /** By action of the recordings: how many of its events were matched. */
  actions: z.array(z.object({ action: z.string(), matched: count })),
  /** Spoilt copies that ran beside the traces; each must be rejected. */
  knownBad: z.object({ rejected: count, total: count }),
  problems: z.array(z.string()),
  cached: z.boolean(),
  /** Of TLC. */
  seconds: z.number(),
  tlc: z.string(),
});

export type ValidateReport = z.output<typeof validateReportSchema>;

/** The one object that `bisim simulate --json` prints, as a schema. */
import { z } from 'zod';

const count = z.number().int().nonnegative();

const step = z.object({
  action: z.string(),
  args: z.array(z.string()),
  /** By variable, as TLA+ text. */
  state: z.record(z.string(), z.string()),
});

export const simulateReportSchema = z.object({
  schema: z.literal('bisim.simulate.1'),
  verdict: z.enum(['ok', 'violation', 'error', 'unknown']),
  kind: z.string().nullable(),
  property: z.string().nullable(),
  message: z.string().nullable(),
  spec: z.string(),
  cfg: z.string(),
  seed: count,
  behaviours: count,
  states: count,
  /** The files written, one a behaviour, with --out. */
  files: z.array(z.string()),
  /** The behaviours, without --out; the counterexample where a property is violated. */
  traces: z.array(z.array(step)),
  jar: z.string(),
  seconds: z.number(),
});

export type SimulateReport = z.output<typeof simulateReportSchema>;

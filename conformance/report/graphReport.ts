/** The one object that `bisim graph --json` prints, as a schema. */
import { z } from 'zod';

const count = z.number().int().nonnegative();
const degrees = z.object({ min: count, mean: z.number(), max: count });

export const graphReportSchema = z.object({
  schema: z.literal('bisim.graph.1'),
  /** Not ok where TLC found no complete graph: a violation, an error, a limit. */
  verdict: z.enum(['ok', 'violation', 'error', 'unknown']),
  kind: z.string().nullable(),
  property: z.string().nullable(),
  message: z.string().nullable(),
  spec: z.string(),
  cfg: z.string(),
  summary: z
    .object({
      states: count,
      initial: count,
      edges: count,
      depth: count,
      out: degrees,
      in: degrees,
      deadlocks: count,
      loops: count,
      actions: z.array(z.object({ action: z.string(), edges: count })),
      /** The cfg's ACTION_CONSTRAINT makes leaves, which count as deadlocks here. */
      boundedLeaves: z.boolean(),
    })
    .nullable(),
  /** The file written. */
  out: z.string().nullable(),
  jar: z.string(),
  cached: z.boolean(),
  seconds: z.number(),
});

export type GraphReport = z.output<typeof graphReportSchema>;

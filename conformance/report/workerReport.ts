/** The one object that `bisim worker --json` prints, as a schema. */
import { z } from 'zod';

export const workerReportSchema = z.object({
  schema: z.literal('bisim.worker.1'),
  verdict: z.enum(['ok', 'error', 'unknown', 'interrupted']),
  host: z.string(),
  port: z.number().int(),
  threads: z.number().int(),
  jar: z.string(),
  /** What the worker last said. */
  message: z.string(),
  seconds: z.number(),
});

export type WorkerReport = z.output<typeof workerReportSchema>;

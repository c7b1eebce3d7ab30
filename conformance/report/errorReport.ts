/** What any verb prints with --json where it could not do its work at all. */
import { z } from 'zod';

export const errorReportSchema = z.object({
  schema: z.literal('bisim.error.1'),
  verb: z.string(),
  verdict: z.enum(['error', 'interrupted']),
  exitCode: z.number().int(),
  message: z.string(),
  /** What to do about it. */
  next: z.string().optional(),
});

export type ErrorReport = z.output<typeof errorReportSchema>;

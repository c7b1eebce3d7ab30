/** The one object that `bisim explain --json` prints, as a schema. */
import { z } from 'zod';

export const explainReportSchema = z.object({
  schema: z.literal('bisim.explain.1'),
  /** The verb whose result was explained, and the verdict of that result. */
  of: z.string(),
  verdict: z.enum(['ok', 'violation', 'error', 'unknown', 'skipped', 'interrupted']),
  /** One sentence. */
  summary: z.string(),
  /** What failed, each with where it did. */
  findings: z.array(
    z.object({
      title: z.string(),
      /** What happened, in words; may have several lines. */
      text: z.string(),
      /** The command that repeats it. */
      repeat: z.string().nullable(),
    }),
  ),
  /** What to do next, in words. */
  next: z.array(z.string()),
});

export type ExplainReport = z.output<typeof explainReportSchema>;
export type Finding = ExplainReport['findings'][number];

/** What `init --json` prints. */
import { z } from 'zod';

export const initReportSchema = z.object({
  schema: z.literal('bisim.init.1'),
  verdict: z.literal('ok'),
  /** Where the project was written. */
  folder: z.string(),
  /** Relative to the folder. */
  written: z.array(z.string()),
  /** Files that were there and are kept, each with what to see to. */
  notes: z.array(z.string()),
  /** Commands to give next. */
  next: z.array(z.string()),
});

export type InitReport = z.output<typeof initReportSchema>;

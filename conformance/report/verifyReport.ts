/**
 * The one object that `bisim verify --json` prints, as a schema: what a run of the main job
 * came to. What must hold: additions keep `schema`, a change of meaning raises it.
 */
import { z } from 'zod';

const count = z.number().int().nonnegative();
const verdict = z.enum(['ok', 'violation', 'error', 'unknown', 'skipped']);

const modelReport = z.object({
  name: z.string(),
  room: z.string(),
  mode: z.enum(['check', 'simulate', 'liveness']),
  /** Of the model as a whole: TLC's verdict and all that was replayed from it. */
  verdict,
  /** Where states and verdict come from. */
  source: z.enum(['tlc', 'recording', 'none']),
  /** Did TLC check it? False where only a recorded graph was replayed. */
  modelChecked: z.boolean(),
  cached: z.boolean(),
  distinct: count,
  generated: count,
  depth: count,
  /** Of TLC, as measured when it ran. */
  seconds: z.number(),
  /** Unique edges of the graph, and how many of them ran on the code. */
  edges: count,
  replayed: count,
  replaySeconds: z.number(),
  actions: z.array(z.object({ action: z.string(), edges: count, replayed: count })),
  behaviours: count,
  histories: count,
  /** In the words shown to people; empty where all is well. */
  problems: z.array(z.string()),
});

const mutantReport = z.object({
  id: z.string(),
  title: z.string(),
  file: z.string(),
  model: z.string(),
  property: z.string(),
  verdict: z.enum(['killed', 'survived', 'error', 'skipped']),
  reason: z.string(),
  cached: z.boolean(),
  seconds: z.number(),
});

export const verifyReportSchema = z.object({
  schema: z.literal('bisim.verify.1'),
  verdict: z.enum(['ok', 'violation', 'error', 'unknown', 'interrupted']),
  exitCode: z.number().int(),
  models: z.array(modelReport),
  /** Unique edges (source, action with arguments, target) that ran on the code, of `edgesTotal`. */
  edges: count,
  edgesTotal: count,
  behaviours: count,
  histories: count,
  mutants: z.object({ killed: count, total: count, list: z.array(mutantReport) }),
  /** Each check is given a case that it must reject. */
  knownBad: z.object({ rejected: count, total: count }),
  skipped: z.array(z.object({ what: z.string(), reason: z.string() })),
  /** What failed, in words: models, mutants, known-bad cases. */
  problems: z.array(z.string()),
  cached: z.boolean(),
  environment: z.object({
    java: z.string().nullable(),
    tlc: z.string().nullable(),
    node: z.string(),
  }),
  seed: count,
  seconds: z.number(),
});

export type VerifyReport = z.output<typeof verifyReportSchema>;
export type ModelReport = z.output<typeof modelReport>;
export type MutantReport = z.output<typeof mutantReport>;

/**
 * The one object that `bisim replay --json` prints, as a schema. What must hold: additions keep
 * `schema`, a change of meaning raises it.
 */
import { z } from 'zod';

const count = z.number().int().nonnegative();
const state = z.record(z.string(), z.string());
const argument = z.object({ name: z.string(), value: z.string() });
const part = z.object({
  at: z.string(),
  code: z.string().optional(),
  model: z.string().optional(),
});

const failure = z.object({
  /** missing, forbidden, init, threw, view, mutated, unstable, no-answer, empty. */
  kind: z.string(),
  /** One sentence. */
  summary: z.string(),
  action: z.string().optional(),
  args: z.array(argument).optional(),
  choice: z.string().optional(),
  initial: state.optional(),
  /** The steps that went well, to where it happened. */
  path: z
    .array(
      z.object({
        label: z.string(),
        action: z.string(),
        args: z.array(argument),
        choice: z.string().optional(),
        changes: z.array(part),
      }),
    )
    .optional(),
  /** The state it happened in. */
  state: state.optional(),
  differences: z.array(
    z.object({ variable: z.string(), code: z.string(), model: z.string(), parts: z.array(part) }),
  ),
  comparedWith: z.string().optional(),
  /** What the model allows there, and what the code refused. */
  enabled: z.array(z.string()).optional(),
  refused: z.array(z.string()).optional(),
  /** Why the model does not allow it there. */
  falseGuards: z.array(z.string()).optional(),
  /** All of it, as shown to people. */
  text: z.string(),
  /** Steps of the shortest case found, and of the one found first. */
  steps: count.optional(),
  foundSteps: count.optional(),
  /** The file it was kept in, and the command that runs it alone. */
  saved: z.string().optional(),
  repeat: z.string(),
});

export const replayReportSchema = z.object({
  schema: z.literal('bisim.replay.1'),
  verdict: z.enum(['ok', 'violation', 'unknown']),
  reason: z.string().nullable(),
  binding: z.string(),
  subject: z.enum(['pure', 'running']),
  model: z.string(),
  mode: z.enum(['edges', 'tours', 'simulation', 'walk', 'trace']),
  seed: count,
  /** `2/4`: the second of four shares of the whole. */
  shard: z.string().nullable(),
  /** Where the graph comes from; null where there is none. */
  source: z.enum(['tlc', 'recording']).nullable(),
  cached: z.boolean(),
  states: count,
  /** Unique edges of the graph, those the code took, and those of ignored actions. */
  edges: count,
  replayed: count,
  ignored: count,
  /** Tours, walks or traces that were run; for edges, states. */
  paths: count,
  steps: count,
  /** Paths that hidden variables kept from being followed to their ends. */
  diverged: count,
  actions: z.array(
    z.object({ action: z.string(), edges: count, replayed: count, ignored: z.boolean() }),
  ),
  /** Labels of edges that the code did not take, each once: some of them, where there are many. */
  uncovered: z.array(z.string()),
  failures: z.array(failure),
  failureCount: count,
  /** Each run is given a case that it must reject. */
  knownBad: z.array(z.object({ check: z.string(), what: z.string(), rejected: z.boolean() })),
  seconds: z.number(),
});

export type ReplayReport = z.output<typeof replayReportSchema>;
export type ReplayFailure = ReplayReport['failures'][number];

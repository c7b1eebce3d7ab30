/**
 * What a kept trace says of the failure it was kept for, beside its states: enough to ask the same
 * again without the graph. Where the code did what the model forbids, its last state is the one where
 * it was asked, and the facts say for what, and where it may lead.
 */
import { z } from 'zod';
import type { EdgeLabel, StateGraph } from '../behaviour/graph.ts';
import type { Failure, FailingCase } from '../replay/failure.ts';
import { probeOf } from './failingCase.ts';

const factName = 'bisim';

const factSchema = z.object({
  binding: z.string(),
  kind: z.string(),
  action: z.string().optional(),
  probe: z
    .object({
      label: z.object({ action: z.string(), args: z.array(z.string()) }),
      allowed: z.array(z.record(z.string(), z.string())),
    })
    .optional(),
});

export type KeptFacts = z.output<typeof factSchema>;

export function failureFacts(o: {
  readonly graph: StateGraph;
  readonly binding: string;
  readonly failure: Failure;
  readonly failing: FailingCase;
}): Record<string, string> {
  const { graph, binding, failure, failing } = o;
  const probe = probeOf(graph, failing);
  const { kind, action, summary } = failure;
  const facts: KeptFacts = {
    binding,
    kind,
    ...(action !== undefined && { action }),
    ...(probe !== undefined && {
      probe: {
        label: packed(graph, probe.label),
        allowed: probe.allowed.map((row) => state(graph, row)),
      },
    }),
  };
  return { description: `${kind}: ${summary}`, [factName]: JSON.stringify(facts) };
}

function packed(
  { values }: StateGraph,
  { action, args }: EdgeLabel,
): { action: string; args: string[] } {
  return { action, args: args.map((arg) => values.format(values.intern(arg))) };
}

function state({ variables, values }: StateGraph, row: Int32Array): Record<string, string> {
  return Object.fromEntries(variables.map((name, i) => [name, values.format(row[i]!)]));
}

/** What a trace file was kept for; undefined where it is no file of ours. */
export function keptFacts(facts: Readonly<Record<string, string>>): KeptFacts | undefined {
  const text = facts[factName];
  if (text === undefined) return undefined;
  try {
    const read = factSchema.safeParse(JSON.parse(text));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

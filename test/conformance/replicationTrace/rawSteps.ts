/**
 * What the nodes of a region recorded (src/services/replicationTrace.ts), as the steps of one group
 * in one order. What must hold: a step stands after each that it depends on. All nodes ran on one
 * machine, and so by one clock: steps are ordered by the time that the code used. Two processors may
 * read that clock a little apart; so no step is earlier than what its process had heard of, by the
 * tokens that nodes send one another. At equal times the recorders' logical clock decides.
 */
import { basename } from 'node:path';
import type { PartChange } from '../../../conformance/recording/change.ts';
import { readRecording } from '../../../conformance/recording/readRecording.ts';
import type { RecordedEvent } from '../../../conformance/recording/recording.ts';
import type { TlaValue } from '../../../conformance/value/value.ts';

export type Fields = Readonly<Record<string, TlaValue>>;

export interface RawStep {
  readonly action: string;
  readonly r: string;
  /** Milliseconds of the machine's clock, and parts of them. */
  readonly atMs: number;
  readonly clock: number;
  readonly process: string;
  readonly args: Fields;
  /** One change of this replica's part, by variable. */
  readonly changed: ReadonlyMap<string, PartChange>;
}

/** An instant of the machine's clock, as it is recorded: seconds and microseconds. */
function msOf(value: TlaValue | undefined): number {
  const [seconds, us] = value as readonly [number, number];
  return seconds * 1000 + us / 1000;
}

function stepOf(event: RecordedEvent): RawStep {
  const args = Object.fromEntries(event.args[0] ?? []);
  const changed = new Map<string, PartChange>();
  for (const [name, change] of event.changed ?? []) {
    const [part] = change.kind === 'parts' ? change.parts : [];
    if (part !== undefined) changed.set(name, part);
  }
  const [action = ''] = event.actions;
  const { clock, process } = event;
  return { action, r: String(args['r']), atMs: msOf(args['at']), clock, process, args, changed };
}

/** The last of its steps that a node had taken when it sent this token. */
function causeOf(steps: readonly RawStep[] | undefined, token: number): RawStep | undefined {
  return steps?.findLast(({ clock }) => clock <= token);
}

/**
 * Steps at times that agree with their causes: what came before a step in its own process, and what
 * that process had heard of, came before it. The logical clock is greater than that of each cause.
 */
function inCausalTime(steps: readonly RawStep[]): RawStep[] {
  const taken = new Map<string, RawStep[]>();
  const byClock = [...steps].sort((a, b) => a.clock - b.clock);
  return byClock.map((step) => {
    const own = taken.get(step.process) ?? [];
    const heard = Object.entries((step.args['heard'] ?? {}) as Readonly<Record<string, number>>);
    const causes = heard.map(([node, token]) => causeOf(taken.get(node), token)?.atMs ?? 0);
    const atMs = Math.max(step.atMs, own.at(-1)?.atMs ?? 0, ...causes);
    const settled = { ...step, atMs };
    taken.set(step.process, own);
    own.push(settled);
    return settled;
  });
}

/** The steps of a group, in order; the files are those of all its nodes. */
export async function readSteps(files: readonly string[], group: number): Promise<RawStep[]> {
  const steps: RawStep[] = [];
  for (const file of files) {
    const o = { name: basename(file), modelValues: new Set<string>() };
    const { events } = await readRecording(file, o);
    steps.push(...events.map(stepOf));
  }
  const order = (a: RawStep, b: RawStep): number =>
    a.atMs - b.atMs || a.clock - b.clock || (a.process < b.process ? -1 : 1);
  const settled = inCausalTime(steps);
  return settled.filter(({ args }) => args['group'] === group).sort(order);
}

/**
 * What the replicas of a node do, as lines of a recording: the action, its arguments, and what it
 * changed of the replica's own variables, under the names of specs/replication/Replication.tla and
 * specs/membership/Membership.tla. What must hold: a step is written before anything of it can be
 * seen elsewhere, and what a replica has kept before anybody builds on it; values are the code's own
 * (ballots, commands, milliseconds), and nothing of what was done is left out or judged here.
 * test/conformance/replicationTrace and membershipTrace say them in the values of the specs.
 */
import type { Output, State } from '../protocol/membership/state.ts';
import type { Ballot } from '../protocol/replication/ballot.ts';
import type { Command, CommandLog } from '../protocol/replication/commandLog.ts';
import { realClock } from '../world/clock.ts';
import type { Trace } from '../world/drive.ts';

type Value = string | number | boolean | readonly Value[] | ReadonlySet<Value> | Fields;
interface Fields {
  readonly [name: string]: Value;
}

/** Changes of a variable's parts: those of `bisim/recorder`. */
export interface Parts<P> {
  put(path: readonly string[], value: Value): P;
  append(values: readonly Value[], path: readonly string[]): P;
  drop(count: number, path: readonly string[]): P;
}

/** A recorder of `bisim/recorder`: services know no toolkit. */
export interface StepRecorder<P> {
  record(action: string, args: Fields, changed: Readonly<Record<string, P>>): void;
  send(): number;
  receive(token: number): void;
}

/** What a node needs to record itself. */
export interface RegionTrace {
  of(group: number, replica: string): Trace<State, Seen>;
  /** Goes before what is sent to another node, whose recorder then takes it. */
  send(): number;
  receive(token: number, node: string): void;
}

const ballotOf = ({ epoch, round, replica }: Ballot): Value => [epoch, round, replica];
const optional = (value: string | null | undefined): Value =>
  value === null || value === undefined ? [] : [value];

function commandOf(command: Command): Value {
  if (command.kind === 'noop') return { kind: command.kind };
  if (command.kind === 'reconfigure') {
    const { kind, epoch, members, storage } = command;
    return { kind, epoch, members, storage };
  }
  const { kind, call, key, value } = command;
  return { kind, call, key, value: optional(value) };
}

type AnyMessage = object & { readonly ballot?: Ballot; readonly logBallot?: Ballot };

/** A message without its commands: where they come to, they stand in the log. */
function messageOf(message: AnyMessage): Fields {
  const fields: Record<string, Value> = {};
  for (const [name, value] of Object.entries(message) as [string, unknown][]) {
    if (typeof value === 'string' || typeof value === 'number') fields[name] = value;
  }
  const { ballot, logBallot } = message;
  if (ballot !== undefined) fields['ballot'] = ballotOf(ballot);
  if (logBallot !== undefined) fields['logBallot'] = ballotOf(logBallot);
  return fields;
}

const million = 1_000_000;

/** Of a clock that all processes of a machine share, in seconds and microseconds. */
const instant = (us: number): Value => [Math.floor(us / million), us % million];
const machineUs = (): number => Math.floor(Number(process.hrtime.bigint()) / 1000);

/**
 * When a step was taken: at the time that it took for now. A process may have been stopped since;
 * else that time is as good as now, and finer.
 */
function takenUs(nowMs: number | undefined, originUs: number): number {
  const us = machineUs();
  if (nowMs === undefined || nowMs === realClock.nowMs()) return us;
  return Math.min(us, originUs + 1000 * (nowMs + 1) - 1);
}

interface Given {
  readonly nowMs?: number;
  readonly message?: AnyMessage;
  readonly ballot?: Ballot;
  readonly call?: string;
  readonly key?: string;
  readonly value?: string | null;
  readonly condition?: { readonly expected: string | null };
  readonly writes?: number;
  readonly kept?: number;
  readonly from?: { readonly epoch: number };
  readonly start?: number;
  readonly epoch?: number;
  readonly members?: readonly string[];
  readonly storage?: readonly string[];
}

type Seen = Output | { readonly kind: 'send' };

/** What a change of the members is about. */
function configurationOf({ start, epoch, members, storage }: Given): Fields {
  return {
    ...(start !== undefined && { start }),
    ...(epoch !== undefined && { epoch }),
    ...(members !== undefined && { members }),
    ...(storage !== undefined && { storage }),
  };
}

function argsOf(given: Given, outputs: readonly Seen[]): Fields {
  const { nowMs, message, ballot, call, key, value, condition, writes, kept, from } = given;
  const replies = outputs.flatMap((output): Value[] =>
    output.kind === 'reply'
      ? [{ call: output.call, status: output.status, value: optional(output.value) }]
      : [],
  );
  return {
    ...(nowMs !== undefined && { nowMs }),
    ...(message !== undefined && { message: messageOf(message) }),
    ...(ballot !== undefined && { ballot: ballotOf(ballot) }),
    ...(call !== undefined && { call }),
    ...(key !== undefined && { key }),
    ...(value !== undefined && { value: optional(value) }),
    ...(condition !== undefined && { expected: [optional(condition.expected)] }),
    ...(writes !== undefined && { writes }),
    ...(kept !== undefined && { kept }),
    ...(from !== undefined && { from: from.epoch }),
    ...configurationOf(given),
    ...(replies.length > 0 && { replies }),
  };
}

/** Whether a log is another one with more at its end; slots that were dropped do not count. */
function appends(before: CommandLog, after: CommandLog): boolean {
  if (after.extends(before)) return true;
  if (after.length < before.length || after.base > before.length) return false;
  let slot = Math.max(before.base, after.base) + 1;
  while (slot <= before.length && before.at(slot) === after.at(slot)) slot += 1;
  return slot > before.length;
}

const all = (log: CommandLog): Value => log.slice(log.base + 1).map(commandOf);

const ballots = ['promised', 'logBallot', 'ballot', 'relinquished'] as const;
const plain = ['phase', 'barrier', 'commit', 'epoch', 'opened'] as const;

/** The variables that changed; of `unsynced` only that writes became durable. */
function changesOf<P extends Parts<P>>(before: State, after: State, change: () => P) {
  const changed: Record<string, P> = {};
  const r = after.group.id;
  const put = (name: string, value: Value): void => {
    changed[name] = change().put([r], value);
  };
  for (const name of ballots) {
    if (before[name] !== after[name]) put(name, ballotOf(after[name]));
  }
  for (const name of plain) if (before[name] !== after[name]) put(name, after[name]);
  const { members } = after.group;
  if (before.group.members !== members) put('members', new Set(members));
  if (before.log !== after.log) {
    const { base, length } = after.log;
    if (before.log.base !== base) put('first', base);
    if (!appends(before.log, after.log)) put('log', all(after.log));
    else if (before.log.length < length) {
      const tail = after.log.slice(before.log.length + 1).map(commandOf);
      changed['log'] = change().append(tail, [r]);
    }
  }
  if (before.acked !== after.acked) {
    const counts = after.group.members.map((member) => [member, after.acked[member] ?? 0]);
    put('acked', Object.fromEntries(counts) as Fields);
  }
  if (before.waiting !== after.waiting) {
    const waiting = after.waiting.map(({ call, slot, ok, value }): Value => {
      return { call, slot, ok, value: optional(value) };
    });
    put('waiting', new Set(waiting));
  }
  const dropped = before.unsynced.length - after.unsynced.length;
  if (dropped > 0) changed['unsynced'] = change().drop(dropped, [r]);
  return changed;
}

/** Where a process begins: all that it holds. */
function startOf<P extends Parts<P>>(
  { group, promised, logBallot, log, commit }: State,
  c: () => P,
) {
  const path = [group.id];
  return {
    promised: c().put(path, ballotOf(promised)),
    logBallot: c().put(path, ballotOf(logBallot)),
    first: c().put(path, log.base),
    log: c().put(path, all(log)),
    commit: c().put(path, commit),
  };
}

/** When this process's clock began; a pause between two readings makes it too early, never late. */
function clockOriginUs(): number {
  const readings = Array.from({ length: 50 }, () => {
    return machineUs() - Math.floor(1000 * performance.now());
  });
  return Math.max(...readings);
}

/** Records through a recorder; `change` begins a change of parts. */
export function replicationTrace<P extends Parts<P>>(
  recorder: StepRecorder<P>,
  change: () => P,
): RegionTrace {
  const originUs = clockOriginUs();
  /** The last token of each node that came since the last step: this step may depend on it. */
  let heard = new Map<string, number>();
  const of = (group: number, replica: string): Trace<State, Seen> => {
    return (action, given: Given, before, after, outputs) => {
      const at = instant(takenUs(given.nowMs, originUs));
      const tokens = heard.size > 0 && { heard: Object.fromEntries(heard) };
      heard = new Map();
      const common = { at, group, r: replica, ...tokens };
      if (action === 'Start') {
        const { leaseMs, driftMs, members, storage } = after.group;
        const facts = { leaseMs, driftMs, epoch: after.epoch, members, storage };
        recorder.record(action, { ...common, ...facts }, startOf(after, change));
      } else {
        const args = { ...common, ...argsOf(given, outputs) };
        recorder.record(action, args, changesOf(before, after, change));
      }
    };
  };
  return {
    of,
    send: () => recorder.send(),
    receive(token, node) {
      recorder.receive(token);
      heard.set(node, Math.max(token, heard.get(node) ?? 0));
    },
  };
}

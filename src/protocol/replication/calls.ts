/**
 * Client calls. A condition is evaluated on pending writes, so that writes can
 * be pipelined; one that fails is a strong read of pending state.
 * Spec: specs/replication/Replication.tla, "Clients".
 *
 * `applied` reads the applied store: the value of a key after the commands up
 * to `commit`, or null. The driver applies before it lets a step read.
 */
import { isStorage, others, ownPromise, serving, valueAt, write } from './operators.ts';
import type { Accept, State, Step, Waiting } from './state.ts';

export type Applied = (key: string) => string | null;

export interface PutArgs {
  readonly call: string;
  readonly key: string;
  /** null deletes. */
  readonly value: string | null;
  /** The value that the key must have, null for none. */
  readonly condition?: { readonly expected: string | null };
  readonly applied: Applied;
}

/** The leader takes a write, and sends it to the members while its own fsync runs. */
export function put(state: State, args: PutArgs): Step | undefined {
  if (state.phase !== 'leader') return undefined;
  if (!ownPromise(state)) return undefined;
  const { call, key, value, condition } = args;
  const seen = condition === undefined ? null : valueAt(state, key, args.applied);
  if (condition !== undefined && seen !== condition.expected) {
    const failed: Waiting = { call, slot: state.log.length, ok: false, value: seen };
    return { state: { ...state, waiting: [...state.waiting, failed] }, outputs: [] };
  }
  const command = { kind: 'write', call, key, value } as const;
  const slot = state.log.length + 1;
  const taken: Waiting = { call, slot, ok: true, value: null };
  const message: Accept = { type: 'accept', ballot: state.ballot, slot, command };
  return write(
    { ...state, waiting: [...state.waiting, taken] },
    { log: state.log.append(command) },
    [],
    [{ kind: 'send', to: others(state), message }],
  );
}

/**
 * Answers a write once its slot is chosen, in slot order; a failed condition
 * under the lease only, since a newer leader may know better.
 */
export function reply(state: State, args: { call: string; nowMs: number }): Step | undefined {
  const answer = state.waiting.find((waiting) => waiting.call === args.call);
  if (answer === undefined) return undefined;
  if (answer.slot > state.commit) return undefined;
  if (!answer.ok && !serving(state, args.nowMs)) return undefined;
  if (state.waiting.some((waiting) => waiting.slot < answer.slot)) return undefined;
  return {
    state: { ...state, waiting: state.waiting.filter((waiting) => waiting !== answer) },
    outputs: [
      {
        kind: 'reply',
        call: answer.call,
        status: answer.ok ? 'ok' : 'failed',
        value: answer.value,
      },
    ],
  };
}

export interface ReadArgs {
  readonly call: string;
  readonly key: string;
  readonly applied: Applied;
}

/** The serving leader answers from what it knows to be chosen. */
export function strongRead(state: State, args: ReadArgs & { nowMs: number }): Step | undefined {
  if (!serving(state, args.nowMs)) return undefined;
  return read(state, args);
}

/** Any storage replica answers from what it knows to be chosen. */
export function eventualRead(state: State, args: ReadArgs): Step | undefined {
  if (!isStorage(state)) return undefined;
  return read(state, args);
}

function read(state: State, args: ReadArgs): Step {
  const value = args.applied(args.key);
  return { state, outputs: [{ kind: 'reply', call: args.call, status: 'ok', value }] };
}

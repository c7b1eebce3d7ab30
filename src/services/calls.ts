/**
 * What clients ask of a replica, and who waits for the answers. What must hold: a retry of a write
 * that stands in the log, or did, is not written again; every call is answered once, or the leader
 * that took it has gone.
 */
import type { CommandLog } from '../protocol/replication/commandLog.ts';
import type { Applied } from '../protocol/replication/calls.ts';
import type { ReplyOutput } from '../protocol/replication/state.ts';
import { Tokens } from './tokens.ts';
import type { TokenSlot } from './tokens.ts';

/** What became of a call. */
export interface CallResult {
  readonly status: 'ok' | 'failed' | 'unknown' | 'notLeader';
  readonly value: string | null;
}

export interface PutCall {
  readonly token: string;
  readonly key: string;
  readonly value: string | null;
  readonly condition?: { readonly expected: string | null };
}

export type Done = (result: CallResult) => void;

interface TakenPut extends Omit<PutCall, 'token'> {
  readonly call: string;
  readonly applied: Applied;
}
interface TakenRead {
  readonly call: string;
  readonly key: string;
  readonly applied: Applied;
}

export interface CallsOptions {
  readonly leads: () => boolean;
  readonly applied: Applied;
  /** Each false where the action is not enabled. */
  readonly put: (args: TakenPut) => boolean;
  readonly strongRead: (args: TakenRead) => boolean;
  readonly eventualRead: (args: TakenRead) => boolean;
  readonly dirty: () => void;
  /** Tokens of slots that the log does not hold. */
  readonly tokens: readonly TokenSlot[];
}

const notLeader: CallResult = { status: 'notLeader', value: null };

export class Calls {
  readonly #o: CallsOptions;
  readonly #tokens: Tokens;
  readonly #waiting = new Map<string, Done[]>();
  /** Retries of writes that stand in the log already. */
  #again: { readonly slot: number; readonly done: Done }[] = [];

  constructor(o: CallsOptions) {
    this.#o = o;
    this.#tokens = new Tokens(o.tokens);
  }

  get tokens(): Tokens {
    return this.#tokens;
  }

  follow(log: CommandLog, commit: number): void {
    this.#tokens.follow(log, commit);
  }

  put({ token, ...args }: PutCall, done: Done): void {
    if (!this.#o.leads()) return done(notLeader);
    const slot = this.#tokens.slotOf(token);
    if (slot !== undefined) {
      this.#again.push({ slot, done });
      this.#o.dirty();
      return;
    }
    const waiting = this.#waiting.get(token);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    this.#waiting.set(token, [done]);
    if (this.#o.put({ ...args, call: token, applied: this.#o.applied })) return;
    this.#waiting.delete(token);
    done(notLeader);
  }

  read(key: string, eventual: boolean, done: Done): void {
    const call = '';
    const { applied, eventualRead, strongRead } = this.#o;
    this.#waiting.set(call, [done]);
    if ((eventual ? eventualRead : strongRead)({ call, key, applied })) return;
    this.#waiting.delete(call);
    done(notLeader);
  }

  reply({ call, status, value }: ReplyOutput): void {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    for (const done of waiting ?? []) done({ status, value });
  }

  /** Answers retries of writes that are chosen by now. */
  settle(commit: number): void {
    if (this.#again.length === 0) return;
    for (const { slot, done } of this.#again)
      if (slot <= commit) done({ status: 'ok', value: null });
    this.#again = this.#again.filter(({ slot }) => slot > commit);
  }

  steppedDown(): void {
    for (const { done } of this.#again) done({ status: 'unknown', value: null });
    this.#again = [];
  }
}

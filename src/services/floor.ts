/**
 * How far a replica's log is needed no more. Every member tells the leader how far it durably knows
 * the log to be chosen; the least of that, and of what the archive lists, is the floor, and no
 * member truncates beyond it. What must hold: a floor counts members that told it in their epoch
 * alone, and all of them; it is never above what this replica itself would come back with.
 */
import type { State } from '../protocol/membership/state.ts';
import type { Command } from '../protocol/replication/commandLog.ts';
import { sizeOf } from './commandCodec.ts';
import { applies } from './items.ts';
import type { FloorMessage, KeptMessage } from './messageCodec.ts';

/** Between two looks; a group that does nothing sends and writes nothing. */
const lookMs = 1_000;
/** The log in memory is cut when so many slots may go, or so many bytes. */
const slotsEnough = 1_024;
const bytesEnough = 1 << 20;

export interface FloorOptions {
  readonly state: () => State;
  readonly nowMs: () => number;
  /** The replica that leads, or ''. */
  readonly leader: () => string;
  readonly send: (to: readonly string[], message: KeptMessage | FloorMessage) => void;
  /** What the items durably hold, and the log tells to be chosen. */
  readonly applied: () => number;
  /** The last slot that the group's archive lists; undefined: the region has no archive. */
  readonly archived: (() => number) | undefined;
  /** Slots after this one are still being copied from here. */
  readonly held: () => number;
  /** Writes down what is known to be chosen, and what is needed no more. */
  readonly write: (kept: number, base: number) => Promise<unknown>;
  readonly truncate: (through: number) => boolean;
  /** It has kept more than it told or counted before. */
  readonly keeps: (kept: number) => void;
  /** What it came back with: the last that was written down. */
  readonly kept: number;
}

function others({ group }: State): readonly string[] {
  return group.members.filter((member) => member !== group.id);
}

export class Floor {
  readonly #o: FloorOptions;
  /** Of a log replica: what it wrote down, and what of it is durable. */
  #written: number;
  #durable: number;
  #floor = 0;
  #needless = 0;
  readonly #told = new Map<string, number>();
  /** Of a leader: what the floor was counted from last, if nobody has told more since. */
  #counted: { readonly acked: State['acked']; readonly archived: number } | undefined;
  #toldLeader = '';
  #toldKept = 0;
  #noted = 0;
  #nextMs: number;
  #measured = 0;
  #bytes = 0;

  constructor(o: FloorOptions) {
    this.#o = o;
    this.#written = o.kept;
    this.#durable = o.kept;
    this.#nextMs = o.nowMs() + lookMs;
  }

  /** The slots that a crash leaves known to be chosen. */
  get kept(): number {
    const state = this.#o.state();
    return applies(state) ? Math.max(state.log.base, this.#o.applied()) : this.#durable;
  }

  /** As far as the leader told it, or counted it. */
  get floor(): number {
    return this.#floor;
  }

  /** The slots up to it are needed no more: not here, and by nobody. */
  get needless(): number {
    const { log, epoch } = this.#o.state();
    const through = epoch === 0 ? 0 : Math.min(this.#floor, this.kept, this.#o.held());
    this.#needless = Math.max(this.#needless, log.base, through);
    return this.#needless;
  }

  /** Of another epoch nobody has told anything yet. */
  entered(): void {
    this.#told.clear();
    this.#counted = undefined;
    this.#toldLeader = '';
  }

  tick(): void {
    const nowMs = this.#o.nowMs();
    if (nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + lookMs;
    const state = this.#o.state();
    if (state.epoch === 0) return;
    if (!applies(state)) this.#keep(state);
    if (state.phase === 'leader') this.#count(state);
    else this.#tell(state);
    this.#truncate(state);
  }

  /** A tick before has nothing to do, unless something is received or done. */
  get dueMs(): number {
    return this.#isSettled(this.#o.state()) ? Infinity : this.#nextMs;
  }

  /** All that is chosen is kept, whoever should know that does, and what may go has been looked at. */
  #isSettled(state: State): boolean {
    const { epoch, commit, phase } = state;
    if (epoch === 0) return true;
    if (this.kept < commit || this.#measured < this.needless) return false;
    // Nobody tells when a copy is given up.
    if (this.#o.held() < Infinity) return false;
    if (phase === 'leader') return this.#floor >= commit || this.#isCounted(state);
    return this.#toldKept >= commit && this.#toldLeader === this.#o.leader();
  }

  /** The floor is below what is chosen, and comes no further until more is told or archived. */
  #isCounted({ acked }: State): boolean {
    const { archived = () => Infinity } = this.#o;
    return this.#counted?.acked === acked && this.#counted.archived === archived();
  }

  #keep({ commit, log }: State): void {
    if (commit <= this.#written) return;
    this.#written = commit;
    this.#o.write(commit, log.base).then(
      () => {
        this.#durable = Math.max(this.#durable, commit);
      },
      // The log has stopped, and with it this node.
      () => undefined,
    );
  }

  /** What others, or the floor, are to build on is noted first. */
  #note(): number {
    const { kept } = this;
    if (kept > this.#noted) this.#o.keeps(kept);
    this.#noted = Math.max(this.#noted, kept);
    return kept;
  }

  #tell({ epoch, group }: State): void {
    const leader = this.#o.leader();
    const kept = this.#note();
    if (leader === '' || leader === group.id) return;
    if (leader === this.#toldLeader && kept <= this.#toldKept) return;
    this.#toldLeader = leader;
    this.#toldKept = kept;
    this.#o.send([leader], { type: 'kept', epoch, from: group.id, kept });
  }

  receive(message: KeptMessage | FloorMessage): void {
    if (message.type === 'kept') this.#receiveKept(message);
    else if (message.epoch === this.#o.state().epoch) {
      this.#floor = Math.max(this.#floor, message.floor);
    }
  }

  #receiveKept({ epoch, from, kept }: KeptMessage): void {
    const state = this.#o.state();
    if (epoch !== state.epoch || !state.group.members.includes(from)) return;
    this.#told.set(from, Math.max(kept, this.#told.get(from) ?? 0));
    this.#counted = undefined;
  }

  #count(state: State): void {
    const archived = this.#o.archived?.() ?? Infinity;
    this.#counted = { acked: state.acked, archived };
    let least = Math.min(this.#note(), archived);
    for (const member of others(state)) {
      const acked = state.acked[member] ?? 0;
      // What it holds is sent again from where it is known to hold it.
      least = Math.min(least, this.#told.get(member) ?? 0, acked > 0 ? acked : Infinity);
    }
    if (least <= this.#floor) return;
    this.#floor = least;
    this.#o.send(others(state), { type: 'floor', epoch: state.epoch, floor: least });
  }

  #truncate({ log }: State): void {
    const through = this.needless;
    this.#measured = Math.max(this.#measured, log.base);
    if (through <= this.#measured) return;
    this.#bytes += sizeOfAll(log.slice(this.#measured + 1, through));
    this.#measured = through;
    if (through - log.base < slotsEnough && this.#bytes < bytesEnough) return;
    this.#bytes = 0;
    if (!this.#o.truncate(through)) return;
    this.#o.write(Math.max(this.kept, through), through).catch(() => undefined);
  }
}

function sizeOfAll(commands: readonly Command[]): number {
  return commands.reduce((sum, command) => sum + sizeOf(command), 0);
}

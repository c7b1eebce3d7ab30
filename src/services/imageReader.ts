/**
 * Adds a group's records up. The oldest of them may have left the disk: then the log's first slots
 * are unknown until a record says which are needed no more. What must hold: whatever of the records
 * was truncated by the rule, the image is that of all of them, from its first slot on.
 */
import type { Opening } from '../protocol/membership/state.ts';
import { compareBallots, noBallot } from '../protocol/replication/ballot.ts';
import type { Ballot } from '../protocol/replication/ballot.ts';
import { CommandLog } from '../protocol/replication/commandLog.ts';
import type { Command } from '../protocol/replication/commandLog.ts';
import type { Image } from '../protocol/replication/state.ts';
import { ByteReader, Malformed } from '../world/bytes.ts';
import { readBallot, readCommand } from './commandCodec.ts';
import { readImageFacts, recordKinds } from './groupRecords.ts';
import type { GroupRecord } from './groupRecords.ts';
import { Tokens } from './tokens.ts';
import type { TokenSlot } from './tokens.ts';

/** A replica as its records tell it. */
export interface GroupImage extends Image {
  /** Slots that are known to be chosen. */
  readonly kept: number;
  /** Of the slots that the log does not hold. */
  readonly tokens: readonly TokenSlot[];
  /** The newest that a slot told of which the log does not hold; undefined: the group's first. */
  readonly configuration: Opening | undefined;
}

interface Staged {
  readonly start: number;
  readonly entries: Command[];
}

export class ImageReader {
  #replica: string | undefined;
  #promised: Ballot = noBallot;
  #logBallot: Ballot = noBallot;
  /** The slot before the first command; undefined: nothing told it yet. */
  #base: number | undefined;
  #commands: Command[] = [];
  #staged: Staged | undefined;
  /** The slots that a record says are needed no more. */
  #needless = 0;
  #kept = 0;
  #tokens = new Tokens();
  #configuration: Opening | undefined;

  add({ kind, body }: Omit<GroupRecord, 'slot'>): void {
    const from = new ByteReader(body);
    switch (kind) {
      case recordKinds.promised:
        this.#promised = readBallot(from);
        break;
      case recordKinds.append:
        this.#append(from.count(), readCommand(from));
        break;
      case recordKinds.suffix:
        this.#holds(readBallot(from));
        this.#replace(from.count(), from.list(readCommand));
        break;
      case recordKinds.replica:
        this.#begin(from.text());
        break;
      case recordKinds.kept:
        this.#keep(from.count(), from.count());
        break;
      case recordKinds.image:
        this.#take(from);
        break;
      case recordKinds.staged:
        this.#stage(from.count(), from.list(readCommand));
        break;
      case recordKinds.joined:
        this.#holds(readBallot(from));
        this.#join(from.count(), from.count());
        break;
      default:
        throw new Malformed(`no record of a group: ${kind}`);
    }
    from.end();
  }

  #begin(replica: string): void {
    this.#replica = replica;
    this.#promised = noBallot;
    this.#logBallot = noBallot;
    this.#base = 0;
    this.#commands = [];
    this.#staged = undefined;
    this.#needless = 0;
    this.#kept = 0;
    this.#tokens = new Tokens();
    this.#configuration = undefined;
  }

  /** Whose records these are; undefined where they were written before that was told. */
  get replica(): string | undefined {
    return this.#replica;
  }

  /** Slots that are known to be chosen. */
  get kept(): number {
    return this.#kept;
  }

  get #length(): number {
    return (this.#base ?? 0) + this.#commands.length;
  }

  #append(slot: number, command: Command): void {
    this.#base ??= slot - 1;
    if (slot !== this.#length + 1) {
      throw new Malformed(`slot ${slot} follows slot ${this.#length}`);
    }
    this.#commands.push(command);
  }

  #holds(logBallot: Ballot): void {
    this.#logBallot = logBallot;
    if (compareBallots(logBallot, this.#promised) > 0) this.#promised = logBallot;
  }

  #replace(kept: number, entries: readonly Command[]): void {
    this.#base ??= kept;
    if (kept > this.#length) throw new Malformed(`slot ${kept} is not there`);
    if (kept < this.#base) {
      // What stood there was never read, and is not to be read any more.
      this.#base = kept;
      this.#commands = [];
    }
    this.#commands.length = kept - this.#base;
    for (const command of entries) this.#commands.push(command);
  }

  #stage(start: number, entries: readonly Command[]): void {
    const staged = this.#staged;
    const follows = staged !== undefined && staged.start + staged.entries.length === start;
    if (!follows) this.#staged = { start, entries: [...entries] };
    else for (const command of entries) staged.entries.push(command);
  }

  /** The slots after `kept` are those that were staged; of them the first may have been dropped. */
  #join(kept: number, end: number): void {
    const { start, entries } = this.#staged ?? { start: end, entries: [] };
    this.#staged = undefined;
    if (start + entries.length !== end) throw new Malformed('a part is missing');
    // What comes before may have been staged, and cut off by a crash.
    if (start <= kept) return this.#replace(kept, entries.slice(kept - start));
    this.#base = start;
    this.#commands = entries;
  }

  #keep(kept: number, base: number): void {
    this.#kept = Math.max(this.#kept, kept);
    this.#drop(base);
  }

  #take(from: ByteReader): void {
    const facts = readImageFacts(from);
    const { replica, promised, logBallot, base, kept, configuration, tokens } = facts;
    this.#replica = replica;
    this.#promised = promised;
    this.#logBallot = logBallot;
    // A replica that takes up behind a copy has nothing of what came before it.
    if (this.#base === undefined || base > this.#length) {
      this.#base = base;
      this.#commands = [];
    }
    this.#kept = Math.max(this.#kept, kept);
    this.#drop(base);
    this.#tokens = new Tokens(tokens);
    this.#configuration = configuration;
  }

  /** What the commands of dropped slots told is known all the same. */
  #drop(base: number): void {
    this.#needless = Math.max(this.#needless, base);
    if (this.#base === undefined || base <= this.#base) return;
    const count = base - this.#base;
    if (count > this.#commands.length) throw new Malformed(`slot ${base} is not there`);
    const first = this.#base + 1;
    const dropped = this.#commands.splice(0, count);
    this.#base = base;
    const tokens: TokenSlot[] = [];
    for (const [index, command] of dropped.entries()) {
      const slot = first + index;
      if (command.kind === 'write') tokens.push({ token: command.call, slot });
      if (command.kind !== 'reconfigure') continue;
      const { epoch, members, storage } = command;
      this.#configuration = { epoch: epoch + 1, members, storage, opened: slot };
    }
    this.#tokens.know(tokens);
  }

  /** Throws where slots are missing that no record says are needed no more. */
  get image(): GroupImage {
    const base = this.#base ?? 0;
    if (base > this.#needless) {
      throw new Malformed(`the slots ${this.#needless + 1} to ${base} are not there`);
    }
    return {
      promised: this.#promised,
      logBallot: this.#logBallot,
      log: CommandLog.of(this.#commands, base),
      kept: this.#kept,
      tokens: this.#tokens.through(base),
      configuration: this.#configuration,
    };
  }
}

/**
 * Messages between the replicas of groups as bytes. A frame carries many, each with its group's
 * number. What must hold: `readMessage` gives back what `writeMessage` was given, or throws
 * `Malformed`.
 */
import type { EpochMessage, Opening } from '../protocol/membership/state.ts';
import type { Command } from '../protocol/replication/commandLog.ts';
import type { Message } from '../protocol/replication/state.ts';
import { ByteWriter, Malformed } from '../world/bytes.ts';
import type { ByteReader } from '../world/bytes.ts';
import { readBallot, readCommand, writeBallot, writeCommand } from './commandCodec.ts';
import type { Holds, Partly } from './sharedLog.ts';
import { readTokens, writeTokens } from './tokens.ts';
import type { TokenSlot } from './tokens.ts';

/** What tells a follower's peers whether it hears the leader; see failureDetector.ts. */
export interface Question {
  readonly type: 'question';
  readonly from: string;
  readonly number: number;
}
export interface Answer {
  readonly type: 'answer';
  readonly from: string;
  readonly number: number;
  readonly hears: boolean;
}

/** Asks for the chosen slots after `have`, and for the epoch that came after the asker's. */
export interface CopyAsk {
  readonly type: 'copyAsk';
  readonly epoch: number;
  readonly have: number;
}
/** The slots after `start`, all of them chosen. */
export interface CopyMessage {
  readonly type: 'copy';
  readonly start: number;
  readonly entries: readonly Command[];
}

/** So many slots of its log a member durably knows to be chosen; see floor.ts. */
export interface KeptMessage {
  readonly type: 'kept';
  readonly epoch: number;
  readonly from: string;
  readonly kept: number;
}
/** So many slots no member of the epoch needs any more. */
export interface FloorMessage {
  readonly type: 'floor';
  readonly epoch: number;
  readonly floor: number;
}

/** What comes before this slot is gone here: the asker takes up behind it, or copies the items. */
export interface TakeUpMessage {
  readonly type: 'takeUp';
  readonly slot: number;
  /** The epoch of the sender. */
  readonly from: Opening;
}

/** Asks for a group's items after a key; see itemsCopy.ts. */
export interface ItemsAsk {
  readonly type: 'itemsAsk';
  /** Which copy is meant, as its first piece said; 0: none has begun. */
  readonly copy: number;
  /** The last key that is here; null: none is. */
  readonly after: string | null;
}
export interface ItemsMessage {
  readonly type: 'items';
  readonly copy: number;
  /** The slot that all pieces of the copy are at. */
  readonly slot: number;
  /** The log follows from here on, in the epoch that the sender was in then. */
  readonly base: number;
  readonly from: Opening;
  readonly after: string | null;
  readonly items: readonly { readonly key: string; readonly value: string }[];
  /** Of the items of this piece, as they were read. */
  readonly sum: number;
  /** Nothing follows. */
  readonly last: boolean;
  /** With the last piece: the tokens of the writes up to `base`. */
  readonly tokens: readonly TokenSlot[];
}

export type GroupMessage =
  | Message
  | EpochMessage
  | Question
  | Answer
  | CopyAsk
  | CopyMessage
  | KeptMessage
  | FloorMessage
  | TakeUpMessage
  | ItemsAsk
  | ItemsMessage
  | Holds
  | Partly;

type Coder<M> = {
  readonly write: (to: ByteWriter, message: M) => void;
  readonly read: (from: ByteReader) => M;
};
type Coders = {
  readonly [T in GroupMessage['type']]: Coder<Extract<GroupMessage, { type: T }>>;
};

function writeOpening(to: ByteWriter, { epoch, members, storage, opened }: Opening): void {
  to.count(epoch).count(opened);
  for (const names of [members, storage]) to.list(names, (each, name) => each.text(name));
}

function readOpening(from: ByteReader): Opening {
  const [epoch, opened] = [from.count(), from.count()];
  const names = (): string[] => from.list((each) => each.text());
  return { epoch, opened, members: names(), storage: names() };
}

const coders: Coders = {
  prepare: {
    write: (to, { ballot, commit }) => {
      writeBallot(to, ballot);
      to.count(commit);
    },
    read: (from) => ({ type: 'prepare', ballot: readBallot(from), commit: from.count() }),
  },
  promise: {
    write: (to, { ballot, from, logBallot, start, entries, grants }) => {
      writeBallot(to, ballot);
      to.text(from);
      writeBallot(to, logBallot);
      to.count(start).list(entries, writeCommand);
      to.list(grants, (each, grant) => {
        writeBallot(each, grant.ballot);
        each.count(grant.leftMs);
      });
    },
    read: (from) => ({
      type: 'promise',
      ballot: readBallot(from),
      from: from.text(),
      logBallot: readBallot(from),
      start: from.count(),
      entries: from.list(readCommand),
      grants: from.list((each) => ({ ballot: readBallot(each), leftMs: each.count() })),
    }),
  },
  join: {
    write: (to, { ballot, to: member, start, entries }) => {
      writeBallot(to, ballot);
      to.text(member).count(start).list(entries, writeCommand);
    },
    read: (from) => ({
      type: 'join',
      ballot: readBallot(from),
      to: from.text(),
      start: from.count(),
      entries: from.list(readCommand),
    }),
  },
  accept: {
    write: (to, { ballot, slot, command }) => {
      writeBallot(to, ballot);
      to.count(slot);
      writeCommand(to, command);
    },
    read: (from) => ({
      type: 'accept',
      ballot: readBallot(from),
      slot: from.count(),
      command: readCommand(from),
    }),
  },
  accepted: {
    write: (to, { ballot, from, length }) => {
      writeBallot(to, ballot);
      to.text(from).count(length);
    },
    read: (from) => ({
      type: 'accepted',
      ballot: readBallot(from),
      from: from.text(),
      length: from.count(),
    }),
  },
  commit: {
    write: (to, { ballot, slot }) => {
      writeBallot(to, ballot);
      to.count(slot);
    },
    read: (from) => ({ type: 'commit', ballot: readBallot(from), slot: from.count() }),
  },
  renew: {
    write: (to, { ballot, sentAtMs }) => {
      writeBallot(to, ballot);
      to.count(sentAtMs);
    },
    read: (from) => ({ type: 'renew', ballot: readBallot(from), sentAtMs: from.count() }),
  },
  grant: {
    write: (to, { ballot, from, sentAtMs }) => {
      writeBallot(to, ballot);
      to.text(from).count(sentAtMs);
    },
    read: (from) => ({
      type: 'grant',
      ballot: readBallot(from),
      from: from.text(),
      sentAtMs: from.count(),
    }),
  },
  relinquish: {
    write: (to, { ballot }) => writeBallot(to, ballot),
    read: (from) => ({ type: 'relinquish', ballot: readBallot(from) }),
  },
  question: {
    write: (to, { from, number }) => to.text(from).count(number),
    read: (from) => ({ type: 'question', from: from.text(), number: from.count() }),
  },
  answer: {
    write: (to, { from, number, hears }) => to.text(from).count(number).flag(hears),
    read: (from) => ({
      type: 'answer',
      from: from.text(),
      number: from.count(),
      hears: from.flag(),
    }),
  },
  epoch: {
    write: (to, { epoch, members, storage, start, entries }) => {
      to.count(epoch);
      for (const names of [members, storage]) to.list(names, (each, name) => each.text(name));
      to.count(start).list(entries, writeCommand);
    },
    read: (from) => {
      const epoch = from.count();
      const names = (): string[] => from.list((each) => each.text());
      const [members, storage] = [names(), names()];
      const start = from.count();
      return { type: 'epoch', epoch, members, storage, start, entries: from.list(readCommand) };
    },
  },
  copyAsk: {
    write: (to, { epoch, have }) => to.count(epoch).count(have),
    read: (from) => ({ type: 'copyAsk', epoch: from.count(), have: from.count() }),
  },
  copy: {
    write: (to, { start, entries }) => to.count(start).list(entries, writeCommand),
    read: (from) => ({ type: 'copy', start: from.count(), entries: from.list(readCommand) }),
  },
  kept: {
    write: (to, { epoch, from, kept }) => to.count(epoch).text(from).count(kept),
    read: (from) => ({
      type: 'kept',
      epoch: from.count(),
      from: from.text(),
      kept: from.count(),
    }),
  },
  floor: {
    write: (to, { epoch, floor }) => to.count(epoch).count(floor),
    read: (from) => ({ type: 'floor', epoch: from.count(), floor: from.count() }),
  },
  takeUp: {
    write: (to, { slot, from }) => writeOpening(to.count(slot), from),
    read: (from) => ({ type: 'takeUp', slot: from.count(), from: readOpening(from) }),
  },
  itemsAsk: {
    write: (to, { copy, after }) => to.count(copy).optional(after),
    read: (from) => ({ type: 'itemsAsk', copy: from.count(), after: from.optional() }),
  },
  items: {
    write: (to, { copy, slot, base, from, after, items, sum, last, tokens }) => {
      writeOpening(to.count(copy).count(slot).count(base), from);
      to.optional(after);
      to.list(items, (each, { key, value }) => each.text(key).text(value));
      to.count(sum).flag(last);
      writeTokens(to, tokens);
    },
    read: (from) => ({
      type: 'items',
      copy: from.count(),
      slot: from.count(),
      base: from.count(),
      from: readOpening(from),
      after: from.optional(),
      items: from.list((each) => ({ key: each.text(), value: each.text() })),
      sum: from.count(),
      last: from.flag(),
      tokens: readTokens(from),
    }),
  },
  holds: {
    write: (to, { ballot, logBallot, length }) => {
      for (const each of [ballot, logBallot]) writeBallot(to, each);
      to.count(length);
    },
    read: (from) => ({
      type: 'holds',
      ballot: readBallot(from),
      logBallot: readBallot(from),
      length: from.count(),
    }),
  },
  partly: {
    write: (to, { logBallot, left, message }) => {
      writeBallot(to, logBallot);
      to.count(left).flag(message.type === 'join');
      if (message.type === 'join') coders.join.write(to, message);
      else coders.promise.write(to, message);
    },
    read: (from) => {
      const [logBallot, left] = [readBallot(from), from.count()];
      const { read } = from.flag() ? coders.join : coders.promise;
      return { type: 'partly', logBallot, left, message: read(from) };
    },
  },
};

/** A type's number on the wire is its place here: only ever add at the end. */
const types = [
  'prepare',
  'promise',
  'join',
  'accept',
  'accepted',
  'commit',
  'renew',
  'grant',
  'relinquish',
  'question',
  'answer',
  'epoch',
  'copyAsk',
  'copy',
  'kept',
  'floor',
  'takeUp',
  'itemsAsk',
  'items',
  'holds',
  'partly',
] as const satisfies readonly GroupMessage['type'][];
const tags = new Map<string, number>(types.map((type, tag) => [type, tag]));

export function writeMessage(to: ByteWriter, group: number, message: GroupMessage): void {
  to.count(group).byte(tags.get(message.type)!);
  const { write } = coders[message.type] as Coder<GroupMessage>;
  write(to, message);
}

/** No group has this number: a frame that begins with it brings something else than messages. */
const otherMark = 0;
const others = ['token', 'leases'] as const;

/** What a frame brings. */
export function contentOf(frame: ByteReader): 'messages' | (typeof others)[number] {
  if (frame.peek() !== otherMark) return 'messages';
  frame.byte();
  const kind = frame.byte();
  const other = others[kind];
  if (other === undefined) throw new Malformed(`no such frame: ${kind}`);
  return other;
}

export function otherFrame(kind: (typeof others)[number]): ByteWriter {
  return new ByteWriter().byte(otherMark).byte(others.indexOf(kind));
}

/** What a recording process sends before its messages, so that traces can be put in order. */
export function writeToken(token: number): Buffer {
  return otherFrame('token').count(token).take();
}

export function readToken(from: ByteReader): number {
  const token = from.count();
  from.end();
  return token;
}

export function readMessage(from: ByteReader): { group: number; message: GroupMessage } {
  const group = from.count();
  const tag = from.byte();
  const type = types[tag];
  if (type === undefined) throw new Malformed(`no message: ${tag}`);
  return { group, message: coders[type].read(from) };
}

/**
 * The write-ahead log as services see it: one log a node, shared by all groups of that node.
 * `LogFile` implements it on a disk; spec: specs/wal/Wal.tla, whose replica is the replica of one
 * group and whose file is that group's records in the shared one. What must hold: a kept promise of
 * `append` means durable; a group whose records are damaged is in quarantine until `repair` or
 * `begin`, and a service neither votes nor serves for it meanwhile.
 */

/** An entry of a group, with the checksum its maker gave its body (`checksum` of record.ts). */
export interface LogEntry {
  /** 0 to 2^32 - 2. */
  readonly group: number;
  /** What the body is; the services' own, 0 to 127. */
  readonly kind: number;
  /**
   * The last slot of the group's log that this is about; 0 where it is about none. Where it is not
   * told, the entry is never truncated.
   */
  readonly slot?: number;
  readonly body: Uint8Array;
  readonly sum: number;
}

/** A position that was read back and is not as it was written. */
export interface Damage {
  readonly position: number;
  /** `corrupt`: it was durable once. `torn`: nothing on this disk tells whether it was. */
  readonly reason: 'corrupt' | 'torn';
  /** Where it is known whose it was; if not, every group without a later record may have lost it. */
  readonly group?: number;
  readonly kind?: number;
  readonly slot?: number;
}

/** `readOnly`: the disk is full. `down`: closed, or stopped by a disk that failed. */
export type LogMode = 'up' | 'quarantined' | 'readOnly' | 'down';

export interface LogOptions {
  /** A segment that has reached this size is followed by a new one. */
  readonly segmentBytesMax: number;
  /** Entries that may wait to be written; more are refused. */
  readonly pendingMax: number;
  /** Called on opening with every valid or repaired record, in order. */
  readonly onRecord?: (entry: LogEntry, position: number) => void;
}

/** What must be true of a group before a segment with records of it leaves the disk. */
export interface Kept {
  /** The last slot that the group's archive manifest lists, read back. */
  readonly archived: number;
  /** The slot of the group's durable local snapshot. */
  readonly snapshot: number;
  /** Every slot below this is needed by no member. */
  readonly needed: number;
  /**
   * The group's whole small state (promise, ballots, configuration) as of what was appended so far:
   * written again at the end of the log, because the segment may hold the only copy.
   */
  readonly image: LogEntry;
}

export interface Log {
  /** `quarantined` while any group is; the others go on. */
  readonly mode: LogMode;
  /** What is damaged and not yet healed, by position. */
  readonly damage: readonly Damage[];
  modeOf(group: number): LogMode;
  /** Kept once the entry is durable: then gives its position. Promises are kept in order. */
  append(entry: LogEntry): Promise<number>;
  /** A peer's copy takes the place of a damaged entry; `undefined`: nothing was lost there. */
  repair(position: number, entry: LogEntry | undefined): Promise<number>;
  /**
   * A group begins, or begins again from a whole image: what the log held of it before, damage
   * included, counts no more. The image is handed to `onRecord` like any other entry.
   */
  begin(image: LogEntry): Promise<number>;
  /**
   * Drops the oldest segments whose every record may go; gives how many. `keptOf` is asked for each
   * group they hold records of; `undefined`: that group is deleted.
   */
  truncate(keptOf: (group: number) => Kept | undefined): Promise<number>;
  close(): Promise<void>;
}

/** The log takes nothing more: closed, or stopped by the disk. Nothing is tried again. */
export class LogStopped extends Error {
  override readonly name: string = 'LogStopped';
}

/** The disk is full: the log can be read, and takes nothing until it is opened again. */
export class LogFull extends LogStopped {
  override readonly name = 'LogFull';
}

/** As many entries wait as may: the caller tries again once some of them are durable. */
export class LogBusy extends Error {
  override readonly name = 'LogBusy';
}

/** The group's records are damaged: `repair` it or `begin` it again. */
export class GroupQuarantined extends Error {
  override readonly name = 'GroupQuarantined';
}

/** Another process, or another log of this one, has the folder. */
export class LogInUse extends Error {
  override readonly name = 'LogInUse';
}

/** Files are missing or unreadable beyond what peers can repair: nothing was touched. */
export class LogUnreadable extends Error {
  override readonly name = 'LogUnreadable';
}

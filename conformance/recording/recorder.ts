/**
 * Records what a program does, one line an action, for `bisim validate`. Light enough for
 * production: it needs no package, and nothing it meets is thrown into the program, unless asked.
 *
 * What must hold: a line is written whole by one write, so a crash tears at most the last one; the
 * clock of an event is greater than that of each event that caused it; after an error nothing more
 * is written, because a recording with a hole would accuse the program of what it did not do.
 */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { TlaValue } from '../value/value.ts';
import { Change, encodeChange } from './change.ts';
import { encodeValue, type JsonValue } from './encodeValue.ts';

/** The logical clock; several recorders of one program may share it. */
export interface Clock {
  time: number;
}

export type RecordedValues = Readonly<Record<string, TlaValue>>;
export type RecordedChanges = Readonly<Record<string, TlaValue | Change>>;

export interface RecorderOptions {
  /** Appended to; made where it does not exist. */
  readonly file: string;
  /** Who acts; the recordings of one run are merged by clock, then by this name. */
  readonly process: string;
  /** Recordings with the same run are one trace. */
  readonly run?: string;
  readonly clock?: Clock;
  /** The recording ends, and says so, before the file grows beyond this. No bound if not given. */
  readonly maxBytes?: number;
  /** Lines are gathered up to so many bytes before they are written; 0: each at once. */
  readonly batchBytes?: number;
  /** What the variables are at the start; without it any initial state of the spec may be it. */
  readonly state?: RecordedValues;
  /** The spec's constants in this run, where they are not those of the cfg: who took part, say. */
  readonly constants?: RecordedValues;
  /** Told once, when recording ends early. What it throws, the program gets. Default: silence. */
  readonly onError?: (error: Error) => void;
}

export interface RecordOptions {
  /** Variables that `changed` does not name may have changed too. */
  readonly partial?: boolean;
}

export interface Recorder {
  /**
   * One step: the action of the spec (several: one step of the program is all of them, in order),
   * its arguments by the names of the spec's parameters, and the variables it changed. Arguments
   * left out may be anything; without `changed`, nothing is said about the variables.
   */
  record(
    action: string | readonly string[],
    args?: RecordedValues,
    changed?: RecordedChanges,
    options?: RecordOptions,
  ): void;
  /** What to send along with a message, so that its receiver's events come after ours. */
  send(): number;
  /** Takes what came with a message. */
  receive(token: number): void;
  /** Writes what is gathered. */
  flush(): void;
  close(): void;
  /** Why recording ended early; undefined while all is well. */
  readonly error: Error | undefined;
}

const version = 1;
const tailBytes = 1 << 20;
const newline = 10;

/** What the end of an existing file tells: is its last line whole, and how late was it? */
function readTail(fd: number): { torn: boolean; time: number; size: number } {
  const { size } = fstatSync(fd);
  const bytes = Buffer.alloc(Math.min(size, tailBytes));
  const read = readSync(fd, bytes, 0, bytes.length, size - bytes.length);
  const torn = read > 0 && bytes[read - 1] !== newline;
  const lines = bytes.subarray(0, read).toString('utf8').split('\n').reverse();
  for (const line of lines) {
    try {
      const { clock } = JSON.parse(line) as { clock?: unknown };
      if (typeof clock === 'number') return { torn, time: clock, size };
    } catch {
      continue;
    }
  }
  return { torn, time: 0, size };
}

class FileRecorder implements Recorder {
  readonly #o: RecorderOptions;
  readonly #clock: Clock;
  #fd: number | undefined;
  #bytes = 0;
  #gathered: string[] = [];
  #gatheredBytes = 0;
  #error: Error | undefined;

  constructor(o: RecorderOptions) {
    this.#o = o;
    this.#clock = o.clock ?? { time: 0 };
    this.#guarded(() => {
      this.#fd = openSync(o.file, 'a+');
      const { torn, time, size } = readTail(this.#fd);
      this.#bytes = size;
      this.#clock.time = Math.max(this.#clock.time, time);
      const header = { bisim: 'trace', version, process: o.process };
      const run = o.run === undefined ? {} : { run: o.run };
      const state = o.state === undefined ? {} : { state: encoded(o.state) };
      const constants = o.constants === undefined ? {} : { constants: encoded(o.constants) };
      const facts = { ...header, ...run, clock: this.#clock.time, ...state, ...constants };
      const line = JSON.stringify(facts);
      // A torn last line of a crashed run ends here, and does not swallow the header.
      this.#write(`${torn ? '\n' : ''}${line}\n`);
    });
  }

  get error(): Error | undefined {
    return this.#error;
  }

  record(
    action: string | readonly string[],
    args?: RecordedValues,
    changed?: RecordedChanges,
    options: RecordOptions = {},
  ): void {
    if (this.#fd === undefined) return;
    this.#clock.time += 1;
    this.#guarded(() => {
      const line = JSON.stringify({
        clock: this.#clock.time,
        process: this.#o.process,
        action,
        ...(args !== undefined && { args: encoded(args) }),
        ...(changed !== undefined && { changed: encoded(changed) }),
        ...(options.partial === true && { partial: true }),
      });
      this.#add(`${line}\n`);
    });
  }

  send(): number {
    return this.#clock.time;
  }

  receive(token: number): void {
    if (Number.isSafeInteger(token)) this.#clock.time = Math.max(this.#clock.time, token);
  }

  flush(): void {
    if (this.#gathered.length === 0) return;
    const text = this.#gathered.join('');
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#guarded(() => this.#write(text));
  }

  close(): void {
    this.flush();
    this.#closeFile();
  }

  #add(line: string): void {
    const bytes = Buffer.byteLength(line);
    const { maxBytes = Infinity, batchBytes = 0 } = this.#o;
    if (this.#bytes + this.#gatheredBytes + bytes > maxBytes) {
      throw new Error(`the recording reached its limit of ${maxBytes} bytes`);
    }
    this.#gathered.push(line);
    this.#gatheredBytes += bytes;
    if (this.#gatheredBytes >= batchBytes) this.flush();
  }

  #write(text: string): void {
    if (this.#fd === undefined) return;
    const bytes = Buffer.from(text, 'utf8');
    for (let at = 0; at < bytes.length;) at += writeSync(this.#fd, bytes, at);
    this.#bytes += bytes.length;
  }

  /** Whatever goes wrong in `step` ends the recording, and leaves the program alone. */
  #guarded(step: () => void): void {
    try {
      step();
    } catch (thrown) {
      if (this.#error !== undefined) return;
      this.#error = thrown instanceof Error ? thrown : new Error(String(thrown));
      this.#stop(this.#error.message);
      this.#o.onError?.(this.#error);
    }
  }

  /** Says in the file, where it still can, that the recording is not all that happened. */
  #stop(reason: string): void {
    const fd = this.#fd;
    if (fd === undefined) return;
    const text = this.#gathered.join('');
    this.#gathered = [];
    try {
      writeSync(fd, `${text}${JSON.stringify({ bisim: 'stopped', reason })}\n`);
    } catch {
      // The disk is full or gone: the end of the file will look torn, which is true.
    }
    this.#closeFile();
  }

  #closeFile(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    try {
      if (fd !== undefined) closeSync(fd);
    } catch (thrown) {
      this.#error ??= thrown as Error;
    }
  }
}

function encoded(values: RecordedChanges): Record<string, JsonValue> {
  const all: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(values)) {
    all[name] = value instanceof Change ? encodeChange(value, name) : encodeValue(value, name);
  }
  return all;
}

/** Begins to record into a file; see `Recorder`. */
export function createRecorder(options: RecorderOptions): Recorder {
  return new FileRecorder(options);
}

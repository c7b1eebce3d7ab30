/**
 * Lines of a recording, one at a time. Checked by hand: the shape is small, and a schema would say
 * less about where a value is wrong.
 */
import { UsageError } from '../sources/usageError.ts';
import type { TlaValue } from '../value/value.ts';
import type { ChangeKind, PartChange } from './change.ts';
import { BadValueError, decodeValue, type Decoding } from './decodeValue.ts';
import type {
  RecordedChange,
  RecordedEvent,
  Recording,
  RecordedStart,
  Values,
} from './recording.ts';

type Json = Readonly<Record<string, unknown>>;

const kinds: readonly ChangeKind[] = ['put', 'add', 'remove', 'append', 'drop'];
const versionRead = 1;
const next =
  'A recording is what createRecorder of bisim/recorder writes: a header line, then one line an action.';

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class EventReader {
  readonly #o: Decoding & { readonly name: string };
  readonly #events: RecordedEvent[] = [];
  readonly #notes: string[] = [];
  #line = 0;
  #header: { process: string; run: string | undefined } | undefined;
  #start: RecordedStart | undefined;
  #constants: Values = new Map();
  /** A line that is no JSON: forgiven only where the next one is the header of a restart. */
  #broken: { line: number; why: string } | undefined;

  constructor(o: Decoding & { readonly name: string }) {
    this.#o = o;
  }

  get count(): number {
    return this.#events.length;
  }

  line(text: string): void {
    this.#line += 1;
    if (text.trim() === '') return;
    const json = this.#parse(text);
    if (json === undefined) return;
    if (this.#broken && !('bisim' in json)) this.#failBroken();
    if (this.#broken) this.#tornAt(this.#broken.line);
    this.#broken = undefined;
    if ('bisim' in json) this.#takeHeader(json);
    else this.#takeEvent(json);
  }

  /** The last line where no newline ends it. */
  torn(): void {
    this.#line += 1;
    if (this.#header === undefined) this.#noHeader();
    if (this.#broken) this.#failBroken();
    // Whole or not, its writer did not finish it: the newline comes with the same write.
    this.#tornAt(this.#line);
  }

  recording(): Recording {
    if (this.#header === undefined) this.#noHeader();
    if (this.#broken) this.#failBroken();
    const { process, run } = this.#header!;
    return {
      file: this.#o.name,
      process,
      run,
      constants: this.#constants,
      start: this.#start,
      events: this.#events,
      notes: this.#notes,
    };
  }

  fail(message: string, line = this.#line): never {
    throw new UsageError('bad-trace', `${this.#o.name}:${line}: ${message}`, next);
  }

  #noHeader(): never {
    const what = this.#line === 0 ? 'the file is empty' : 'there is no header line';
    this.fail(`${what}: no recording`, 1);
  }

  #tornAt(line: number): void {
    this.#notes.push(
      `${this.#o.name}:${line}: this line is torn, as a crash leaves it; it is passed over`,
    );
  }

  #failBroken(): never {
    const { line, why } = this.#broken!;
    this.fail(why, line);
  }

  #parse(text: string): Json | undefined {
    let json: unknown;
    try {
      json = JSON.parse(text) as unknown;
    } catch (error) {
      const why = `not one JSON value: ${(error as Error).message.slice(0, 200)}`;
      if (this.#header === undefined || this.#broken) this.fail(why);
      this.#broken = { line: this.#line, why };
      return undefined;
    }
    if (!isObject(json)) this.fail('not a JSON object');
    return json;
  }

  #takeHeader(json: Json): void {
    if (json['bisim'] === 'stopped') {
      const reason = String(json['reason']).slice(0, 300);
      this.#notes.push(`${this.#o.name}:${this.#line}: the recorder stopped here: ${reason}`);
      return;
    }
    if (json['bisim'] !== 'trace') this.fail('not the header of a recording');
    if (json['version'] !== versionRead) {
      this.fail(`a recording of version ${JSON.stringify(json['version'])}; this reads version 1`);
    }
    const { process, run, state, constants } = json;
    if (typeof process !== 'string') this.fail('the header names no process');
    if (run !== undefined && typeof run !== 'string') this.fail('the header’s run is no string');
    if (this.#header === undefined) {
      this.#header = { process, run };
      if (state !== undefined) this.#takeStart(state);
      if (constants !== undefined) this.#constants = this.#values(constants, 'constants');
      return;
    }
    const { process: was, run: ran } = this.#header;
    if (process !== was || run !== ran) this.fail(`the header is of another process or run`);
    this.#notes.push(`${this.#o.name}:${this.#line}: the process began to record again here`);
  }

  #takeStart(state: unknown): void {
    const values = this.#values(state, 'state');
    this.#start = { file: this.#o.name, line: this.#line, values };
  }

  #takeEvent(json: Json): void {
    if (this.#header === undefined) this.#noHeader();
    const { clock = this.#events.length + 1, process = this.#header!.process } = json;
    const before = this.#events.at(-1)?.clock ?? -1;
    if (typeof clock !== 'number' || !Number.isSafeInteger(clock) || clock < 0) {
      this.fail(`the clock is ${JSON.stringify(clock)}, no whole number`);
    }
    if (clock <= before) this.fail(`the clock goes from ${before} to ${clock}: it must grow`);
    if (typeof process !== 'string') this.fail('the process is no string');
    const actions = this.#actions(json['action']);
    this.#events.push({
      file: this.#o.name,
      line: this.#line,
      clock,
      process,
      actions,
      args: this.#args(json['args'], actions),
      changed: this.#changed(json['changed']),
      partial: json['partial'] === true,
    });
  }

  #actions(action: unknown): string[] {
    if (action === undefined || action === null) return [];
    const all = Array.isArray(action) ? (action as unknown[]) : [action];
    const named = all.filter((each): each is string => typeof each === 'string' && each !== '');
    if (named.length !== all.length || all.length === 0) {
      this.fail(`the action is ${JSON.stringify(action)}, not a name or a list of names`);
    }
    return named;
  }

  #args(args: unknown, actions: readonly string[]): ReadonlyMap<string, TlaValue>[] {
    if (args === undefined) return [];
    if (!Array.isArray(args)) return [this.#values(args, 'args')];
    if (args.length !== actions.length) this.fail('as many arguments as actions are needed');
    return args.map((each) => this.#values(each, 'args'));
  }

  #changed(changed: unknown): ReadonlyMap<string, RecordedChange> | undefined {
    if (changed === undefined) return undefined;
    if (!isObject(changed)) this.fail('changed is no object of variables');
    const all = new Map<string, RecordedChange>();
    for (const [name, json] of Object.entries(changed)) all.set(name, this.#change(json, name));
    return all;
  }

  #change(json: unknown, name: string): RecordedChange {
    if (!isObject(json) || !('#change' in json)) {
      return { kind: 'is', value: this.#value(json, name) };
    }
    const parts = json['#change'];
    if (!Array.isArray(parts)) this.fail(`${name}: #change is no list`);
    return { kind: 'parts', parts: parts.map((part) => this.#part(part, name)) };
  }

  #part(json: unknown, name: string): PartChange {
    const kind = isObject(json) ? kinds.filter((each) => each in json) : [];
    const path = isObject(json) ? (json['at'] ?? []) : undefined;
    if (!isObject(json) || kind.length !== 1 || !Array.isArray(path)) {
      this.fail(`${name}: a change of a part has a path \`at\` and one of ${kinds.join(', ')}`);
    }
    const [one] = kind as [ChangeKind];
    const value = this.#value(json[one], name);
    if ((one === 'add' || one === 'remove') && !(value instanceof Set)) {
      this.fail(`${name}: what is added or removed is a set`);
    }
    if (one === 'append' && !Array.isArray(value)) {
      this.fail(`${name}: what is appended is a list`);
    }
    if (one === 'drop' && !(typeof value === 'number' && value >= 0)) {
      this.fail(`${name}: what is dropped is a count`);
    }
    return { kind: one, path: path.map((key) => this.#value(key, `a key of ${name}`)), value };
  }

  #values(json: unknown, what: string): ReadonlyMap<string, TlaValue> {
    if (!isObject(json)) this.fail(`${what} is no object of values by name`);
    const all = new Map<string, TlaValue>();
    for (const [name, each] of Object.entries(json)) all.set(name, this.#value(each, name));
    return all;
  }

  #value(json: unknown, at: string): TlaValue {
    try {
      return decodeValue(json, at, this.#o);
    } catch (error) {
      if (error instanceof BadValueError) this.fail(error.message);
      throw error;
    }
  }
}

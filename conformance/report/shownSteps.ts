/**
 * Steps as a person reads them: what each changed, down to the parts; which process acted; which
 * messages went onto the network and off it. What must hold: nothing here fails on a value that
 * this toolkit cannot read; such a value is shown whole.
 */
import { isMessage, messagesIn } from '../value/message.ts';
import { partDifferences, type PartDifference } from '../value/partDifference.ts';
import { ValueTable } from '../value/table.ts';
import { isModelValue, type TlaValue } from '../value/value.ts';
import { ValueError } from '../value/valueError.ts';
import type { ShownChange, ShownStep } from './reportPage.ts';

/** A step as it came from TLC, a trace or a replay; values are TLA+ text. */
export interface PlainStep {
  readonly action?: string;
  readonly args?: readonly { readonly name: string; readonly value: string }[];
  readonly state: Readonly<Record<string, string>>;
  /** Messages that it needs and leaves where they are. */
  readonly reads?: readonly string[];
}

export function shownSteps(steps: readonly PlainStep[]): ShownStep[] {
  const reader = new TextReader();
  const lane = laneOf(steps, reader);
  // TLC prints fields and elements in another order each run: here equal values have equal texts.
  const same = steps.map(({ state, ...rest }) => ({ ...rest, state: reader.canonical(state) }));
  return same.map((step, index) => shownStep(step, same[index - 1], reader, lane));
}

/** TLA+ text to values; undefined for what is no finite value, such as `Nat` or `[Nat -> Nat]`. */
class TextReader {
  readonly values = new ValueTable();
  private readonly known = new Map<string, TlaValue | undefined>();

  value(text: string): TlaValue | undefined {
    if (this.known.has(text)) return this.known.get(text);
    const value = this.parse(text);
    this.known.set(text, value);
    return value;
  }

  private parse(text: string): TlaValue | undefined {
    try {
      return this.values.value(this.values.parse(text));
    } catch (error) {
      if (error instanceof ValueError) return undefined;
      throw error;
    }
  }

  canonical(state: PlainStep['state']): PlainStep['state'] {
    const texts = Object.entries(state).map(([name, text]) => {
      const value = this.value(text);
      return [name, value === undefined ? text : this.text(value)] as const;
    });
    return Object.fromEntries(texts);
  }

  text(value: TlaValue): string {
    return this.values.format(this.values.intern(value));
  }
}

const kinds = ['model value', 'string', 'integer'] as const;
type Lane = (typeof kinds)[number];

function kindOf(value: TlaValue | undefined): Lane | undefined {
  if (isModelValue(value)) return 'model value';
  if (typeof value === 'string') return 'string';
  return typeof value === 'number' ? 'integer' : undefined;
}

/** What processes are in this behaviour: model values where any step has one, else strings, else numbers. */
function laneOf(steps: readonly PlainStep[], reader: TextReader): Lane | undefined {
  const args = steps.flatMap((step) => step.args ?? []);
  const found = new Set(args.map(({ value }) => kindOf(reader.value(value))));
  return kinds.find((kind) => found.has(kind));
}

function shownStep(
  step: PlainStep,
  before: PlainStep | undefined,
  reader: TextReader,
  lane: Lane | undefined,
): ShownStep {
  const { action, args = [], state, reads = [] } = step;
  const parts = before === undefined ? [] : differences(before.state, state, reader);
  const differ = (name: string): boolean => parts.some((part) => part.variable === name);
  const changed = Object.keys(state).filter((name) => before === undefined || differ(name));
  const process = args.find(
    ({ value }) => lane !== undefined && kindOf(reader.value(value)) === lane,
  );
  const given = args.filter(({ value }) => isMessage(reader.value(value))).map((arg) => arg.value);
  const { sent, taken } = before === undefined ? quiet : passages(before.state, state, reader);
  const read = reads.map((text) => reader.canonical({ text })['text'] ?? text);
  const received = [...new Set([...taken, ...read, ...given])];
  return {
    ...(action === undefined ? {} : { action }),
    args,
    state,
    changed,
    ...(before === undefined ? {} : { changes: parts.map((each) => shownChange(each, reader)) }),
    ...(process === undefined ? {} : { process: process.value }),
    ...(sent.length === 0 ? {} : { sent }),
    ...(received.length === 0 ? {} : { received }),
  };
}

interface Difference {
  readonly variable: string;
  /** Absent where a side cannot be read: then the texts are compared. */
  readonly part?: PartDifference;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

function differences(
  before: PlainStep['state'],
  after: PlainStep['state'],
  reader: TextReader,
): Difference[] {
  return Object.entries(after).flatMap(([variable, text]): Difference[] => {
    const was = Object.hasOwn(before, variable) ? before[variable] : undefined;
    if (was === text) return [];
    const left = was === undefined ? undefined : reader.value(was);
    const right = reader.value(text);
    if (left === undefined || right === undefined) return [{ variable, before: was, after: text }];
    const parts = partDifferences(reader.values, variable, left, right);
    return parts.map((part) => ({ variable, part }));
  });
}

function shownChange(
  { variable, part, before, after }: Difference,
  reader: TextReader,
): ShownChange {
  const left = part?.left === undefined ? before : reader.text(part.left);
  const right = part?.right === undefined ? after : reader.text(part.right);
  return {
    variable,
    at: part?.at ?? variable,
    isElement: part?.isElement ?? false,
    ...(left === undefined ? {} : { before: left }),
    ...(right === undefined ? {} : { after: right }),
  };
}

const quiet = { sent: [], taken: [] };
/** Sequences of records are logs as often as they are channels: there the name decides. */
const channelName = /msg|mess|net|chan|box|queue|mail|wire|flight|transit|packet|sent/i;

/** The messages that a step put onto the network and took off it, by what lies there before and after. */
function passages(
  before: PlainStep['state'],
  after: PlainStep['state'],
  reader: TextReader,
): { readonly sent: string[]; readonly taken: string[] } {
  const [sent, taken]: [string[], string[]] = [[], []];
  for (const [variable, text] of Object.entries(after)) {
    const was = Object.hasOwn(before, variable) ? (before[variable] ?? text) : text;
    const [left, right] = [reader.value(was), reader.value(text)];
    if (was === text || left === undefined || right === undefined) continue;
    if (!isUnordered(right) && !channelName.test(variable)) continue;
    const [old, now] = [counted(left, reader), counted(right, reader)];
    for (const [message, count] of now) if (count > (old.get(message) ?? 0)) sent.push(message);
    for (const [message, count] of old) if (count > (now.get(message) ?? 0)) taken.push(message);
  }
  return { sent, taken };
}

/** A set, a bag, or a function of sets. */
function isUnordered(value: TlaValue): boolean {
  if (value instanceof Set) return true;
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<TlaValue, TlaValue>)];
    return entries.every(([key, each]) => isMessage(key) || each instanceof Set);
  }
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value !== 'object' || isModelValue(value)) return false;
  return Object.values(value).every((each) => each instanceof Set);
}

function counted(value: TlaValue, reader: TextReader): Map<string, number> {
  const counts = [...messagesIn(value)].map(([one, count]) => [reader.text(one), count] as const);
  return new Map(counts);
}

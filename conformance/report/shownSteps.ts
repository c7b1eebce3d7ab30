/**
 * Steps as a person reads them: what each changed, down to the parts; which process acted; which
 * messages went onto the network and off it. What must hold: nothing here fails on a value that
 * this toolkit cannot read; such a value is shown whole.
 */
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
  const { action, args = [], state } = step;
  const parts = before === undefined ? [] : differences(before.state, state, reader);
  const differ = (name: string): boolean => parts.some((part) => part.variable === name);
  const changed = Object.keys(state).filter((name) => before === undefined || differ(name));
  const process = args.find(
    ({ value }) => lane !== undefined && kindOf(reader.value(value)) === lane,
  );
  const given = args.filter(({ value }) => isMessage(reader.value(value))).map((arg) => arg.value);
  const network = parts.flatMap(({ part }) => (part === undefined ? [] : messages(part)));
  const sent = network.filter((each) => each.isSent).map(({ value }) => reader.text(value));
  const taken = network.filter((each) => !each.isSent).map(({ value }) => reader.text(value));
  const received = [...new Set([...taken, ...given])];
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

interface Passage {
  readonly value: TlaValue;
  readonly isSent: boolean;
}

/** Elements of sets, and counts in bags, whose values are records with a `type`. */
function messages({ isElement, key, left, right }: PartDifference): Passage[] {
  const element = left ?? right;
  if (isElement) {
    return isMessage(element) ? [{ value: element!, isSent: right !== undefined }] : [];
  }
  const counts = [left ?? 0, right ?? 0];
  const isCount = counts.every((count) => typeof count === 'number');
  if (!isMessage(key) || !isCount) return [];
  return [{ value: key!, isSent: (counts[1] as number) > (counts[0] as number) }];
}

function isMessage(value: TlaValue | undefined): boolean {
  if (typeof value !== 'object' || isModelValue(value)) return false;
  if (Array.isArray(value) || value instanceof Set || value instanceof Map) return false;
  return Object.hasOwn(value, 'type');
}

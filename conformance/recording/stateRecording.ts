/**
 * A trace of states (ITF, or our own lines of JSON) as a recording: each state is what an event left
 * behind, and the first is the start.
 */
import type { NamedTrace } from '../behaviour/traceFile.ts';
import { UsageError } from '../sources/usageError.ts';
import type { TlaValue } from '../value/value.ts';
import { isModelValue } from '../value/value.ts';
import { integerMax } from './decodeValue.ts';
import type { RecordedChange, Recording, Values } from './recording.ts';

export function stateRecording(trace: NamedTrace, file: string): Recording {
  const { variables, states, values, length } = trace;
  const stateAt = (k: number): Values =>
    new Map(
      variables.map((name, i) => {
        const value = values.value(states[k * variables.length + i]!);
        assertFits(value, `${file}: state ${k}: ${name}`);
        return [name, value];
      }),
    );
  const events = Array.from({ length: length - 1 }, (_, i) => {
    const step = trace.named[i];
    const changed = [...stateAt(i + 1)].map(([name, value]): [string, RecordedChange] => [
      name,
      { kind: 'is', value },
    ]);
    return {
      file,
      line: i + 1,
      clock: i + 1,
      process: file,
      actions: step === undefined ? [] : [step.action],
      args: step === undefined ? [] : [step.args],
      changed: new Map(changed),
      partial: true,
    };
  });
  const start = { file, line: 0, values: stateAt(0) };
  const notes =
    trace.loop === undefined ? [] : [`${file}: its loop is not looked at, only its steps`];
  return { file, process: file, run: undefined, constants: new Map(), start, events, notes };
}

/** TLC's own integers have 32 bits. */
function assertFits(value: TlaValue, at: string): void {
  if (typeof value === 'bigint' || typeof value === 'number') {
    if (value >= -integerMax && value <= integerMax) return;
    throw new UsageError(
      'too-large',
      `${at} is ${value}: TLC's integers end at ±${integerMax}`,
      'Record what is relative, milliseconds since the start say.',
    );
  }
  if (typeof value !== 'object' || isModelValue(value)) return;
  if (value instanceof Map) {
    for (const [key, each] of value as ReadonlyMap<TlaValue, TlaValue>) {
      assertFits(key, at);
      assertFits(each, at);
    }
  } else if (value instanceof Set || Array.isArray(value)) {
    for (const each of value as Iterable<TlaValue>) assertFits(each, at);
  } else {
    for (const each of Object.values(value)) assertFits(each as TlaValue, at);
  }
}

/**
 * A program that does what `specs/Voting.tla` says, and records it: what the tests of validation
 * run, break and record. Servers answer asks of a client; two processes can record their own parts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { boundModel, type BoundModel } from '../../conformance/project/bindingFiles.ts';
import { createRecorder, modelValue } from '../../conformance/recorder.ts';
import type { TlaValue } from '../../conformance/recorder.ts';
import type { Binding } from '../../conformance/replay/binding.ts';

const specs = new URL('./specs/', import.meta.url).pathname;
const none = modelValue('None');
const servers = ['s1', 's2'].map(modelValue);

type Message = Readonly<Record<string, TlaValue>>;

/** Only what validation asks of a binding is real here: nothing of it is replayed. */
export const votingBinding: Binding<unknown> = {
  name: 'voting',
  spec: join(specs, 'Voting.tla'),
  model: join(specs, 'MCVoting.cfg'),
  init: () => ({}),
  view: () => ({}),
  actions: { Ask: () => undefined, Answer: () => undefined, Choose: () => undefined },
};

export function votingModel(change: Partial<Binding<unknown>> = {}): Promise<BoundModel> {
  const path = new URL(import.meta.url).pathname;
  return boundModel({ ...votingBinding, ...change }, { path, from: specs });
}

/** One line of a recording, to be changed before it is written. */
export type Line = Record<string, unknown>;

export class Voting {
  promised = new Map<TlaValue, TlaValue>(servers.map((s) => [s, none]));
  msgs: Message[] = [];
  chosen: TlaValue = none;

  ask(bal: number): { msgs: Set<TlaValue> } {
    return { msgs: this.#send({ type: 'ask', bal, from: none }) };
  }

  answer(server: number, bal: number): Record<string, TlaValue> {
    const from = servers[server]!;
    this.promised = new Map([...this.promised, [from, bal]]);
    return { promised: this.promised, msgs: this.#send({ type: 'answer', bal, from }) };
  }

  choose(bal: number): { chosen: TlaValue } {
    this.chosen = bal;
    return { chosen: bal };
  }

  #send(message: Message): Set<TlaValue> {
    const text = JSON.stringify(message);
    if (!this.msgs.some((each) => JSON.stringify(each) === text)) this.msgs.push(message);
    return new Set<TlaValue>(this.msgs);
  }
}

/** A folder of recordings that goes with the test. */
export class Recordings {
  readonly folder = mkdtempSync(join(tmpdir(), 'bisim-validate-'));

  path(name: string): string {
    return join(this.folder, name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Seven steps, each with its arguments and what it changed. */
  run(name: string, o: { process?: string; run?: string } = {}): string {
    const file = this.path(name);
    const recorder = createRecorder({ file, process: 'p', ...o });
    const code = new Voting();
    const s1 = servers[0]!;
    const s2 = servers[1]!;
    recorder.record('Ask', { b: 1 }, code.ask(1));
    recorder.record('Answer', { s: s1, b: 1 }, code.answer(0, 1));
    recorder.record('Ask', { b: 2 }, code.ask(2));
    recorder.record('Answer', { s: s1, b: 2 }, code.answer(0, 2));
    recorder.record('Answer', { s: s2, b: 2 }, code.answer(1, 2));
    recorder.record('Choose', {}, code.choose(2));
    recorder.record('Ask', { b: 1 }, {});
    recorder.close();
    return file;
  }

  write(name: string, lines: readonly unknown[]): string {
    const file = this.path(name);
    const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    writeFileSync(file, `${text.join('\n')}\n`);
    return file;
  }
}

export const header = { bisim: 'trace', version: 1, process: 'p' };

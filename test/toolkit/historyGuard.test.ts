import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { checkLinearizable } from '../../conformance/history.ts';
import type { Model, Operation } from '../../conformance/history.ts';
import { modelFor } from '../../conformance/linearize/userModel.ts';

const folder = mkdtempSync(join(tmpdir(), 'bisim-models-'));
afterAll(() => rmSync(folder, { recursive: true }));

const history: Operation[] = [
  { ...{ process: 1, op: 'push', value: 1, invoke: 0, return: 1 }, status: 'ok' },
  { ...{ process: 1, op: 'push', value: 2, invoke: 2, return: 3 }, status: 'ok' },
  { ...{ process: 1, op: 'pop', result: 2, invoke: 4, return: 5 }, status: 'ok' },
];

const stack: Model = {
  name: 'stack',
  operations: ['push', 'pop'],
  init: [],
  step: (state, { op, value, result }) => {
    const all = state as unknown[];
    if (op === 'push') return [...all, value];
    return all.at(-1) === result ? all.slice(0, -1) : undefined;
  },
};
const thrown = (): never => {
  throw new Error('boom');
};

describe("a user's model", () => {
  it('is stepped and decides', () => {
    expect(checkLinearizable(history, stack).verdict).toBe('ok');
    expect(checkLinearizable([...history, history[2] as Operation], stack).verdict).toBe(
      'violation',
    );
  });

  it('may be an object of a class with private fields', () => {
    class Stack implements Model {
      readonly name = 'stack';
      readonly operations = stack.operations;
      readonly init = [];
      readonly #base = stack;
      step(state: unknown, operation: Operation): unknown {
        return this.#base.step(state, operation);
      }
      pure({ op }: Operation): boolean {
        return op === 'look' && this.#base.name !== '';
      }
      partition(): unknown {
        return this.#base.name;
      }
    }
    expect(checkLinearizable(history, new Stack()).verdict).toBe('ok');
  });

  let count = 0;
  it.each<[string, Partial<Model>, string]>([
    ['throws in step', { step: thrown }, 'model stack: step fails on push 1'],
    ['throws in partition', { partition: thrown }, 'partition fails on push 1'],
    ['throws in hash', { hash: thrown }, 'hash fails: boom'],
    ['throws in equal', { hash: () => 1, equal: thrown }, 'equal fails: boom'],
    ['hashes to nothing', { hash: () => NaN }, 'hash gives NaN'],
    ['answers later', { step: () => Promise.resolve([]) }, 'answers with a promise'],
    [
      'changes the state it is given',
      { step: (state, { value }) => ((state as unknown[]).push(value), state) },
      'step changes the state it is given',
    ],
    [
      'changes a map it is given',
      {
        init: new Map(),
        step: (state, { value }) => new Map((state as Map<unknown, unknown>).set(value, 1)),
      },
      'step changes the state it is given',
    ],
    ['answers in two ways', { step: () => (count += 1) }, 'step answers in two ways'],
  ])('that %s decides nothing', (_what, broken, message) => {
    expect(() => checkLinearizable(history, { ...stack, ...broken })).toThrow(message);
  });

  it.each([
    ['no object', '5', 'is no object'],
    ['no name', '{}', 'name is no text'],
    ['no operations', "{ name: 's', operations: [] }", 'operations are no list'],
    ['no first state', "{ name: 's', operations: ['a'] }", 'without init'],
    ['a function as first state', "{ name: 's', operations: ['a'], init() {} }", 'init is a func'],
    ['no step', "{ name: 's', operations: ['a'], init: 0 }", 'without a function step'],
    [
      'a hash that is none',
      "{ name: 's', operations: ['a'], init: 0, step() {}, hash: 1 }",
      'hash',
    ],
  ])('with %s is refused where it is loaded', async (what, text, message) => {
    const file = `${what.replaceAll(' ', '-')}.ts`;
    writeFileSync(join(folder, file), `export const model = ${text};`);
    await expect(modelFor(`./${file}`, folder)).rejects.toThrow(message);
  });

  it('that never comes back is ended by the first signal', async () => {
    writeFileSync(
      join(folder, 'endless.ts'),
      `import { writeSync } from 'node:fs';
       export const model = { name: 's', operations: ['push', 'pop'], init: 0,
         step() { writeSync(1, 'stepping'); for (;;); } };`,
    );
    writeFileSync(
      join(folder, 'h.jsonl'),
      history.map((o) => `${JSON.stringify({ key: null, ...o })}\n`).join(''),
    );
    const cli = fileURLToPath(new URL('../../dist/conformance/cli.js', import.meta.url));
    const child = spawn(
      process.execPath,
      [cli, 'linearize', 'h.jsonl', '--model', './endless.ts'],
      { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] },
    );
    await once(child.stdout, 'data');
    child.kill('SIGINT');

    expect(await once(child, 'close')).toEqual([130, null]);
  });
});

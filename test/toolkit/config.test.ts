/** Configs and tables: what is read, and what is refused with a next step. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findConfig, loadConfig } from '../../conformance/config.ts';
import { loadProject } from '../../conformance/verify/project.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bisim-config-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(files: Record<string, unknown>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(root, path), text);
  }
}

const config = (rooms: unknown): string => `export default ${JSON.stringify({ rooms })};\n`;
const binding = `export const lock = { name: 'lock', spec: 'specs/Lock.tla', init: () => 0, view: () => ({}), actions: {} };\n`;
const model = { model: 'MCLock', cfg: 'MCLock.cfg', mode: 'check', replay: true };

const project: Record<string, unknown> = {
  'bisim.config.ts': config([{ specs: 'specs', binding: 'lock.ts' }]),
  'lock.ts': binding,
  'specs/Lock.tla': '---- MODULE Lock ----\n====\n',
  'specs/MCLock.tla': '---- MODULE MCLock ----\nEXTENDS Lock\n====\n',
  'specs/MCLock.cfg': 'SPECIFICATION Spec\n',
  'specs/models.json': { models: [model], mutants: 'mutants.json' },
  'specs/mutants.json': [
    {
      id: 'M1',
      title: 'no guard',
      file: 'lock.ts',
      find: '=> 0',
      replace: '=> 1',
      killedBy: 'MCLock',
      property: 'replay',
      control: 'MCLock',
    },
  ],
};

const load = async (change: Record<string, unknown> = {}) => {
  write({ ...project, ...change });
  return loadProject(await loadConfig(findConfig(root)));
};

describe('a project', () => {
  it('ties models to their bindings and mutants to their models', async () => {
    const { models, mutants } = await load();
    expect(models.map(({ name, binding: bound }) => [name, bound?.path])).toEqual([
      ['MCLock', join(root, 'lock.ts')],
    ]);
    expect(mutants.map(({ row, kind, model: killer }) => [row.id, kind, killer.name])).toEqual([
      ['M1', 'code', 'MCLock'],
    ]);
  });

  it('is found from a folder below', async () => {
    await load();
    expect(findConfig(join(root, 'specs'))).toBe(join(root, 'bisim.config.ts'));
  });

  it('has another hash when a module its model extends changes, or its cfg', async () => {
    const hashOf = async (change: Record<string, unknown>): Promise<string | undefined> =>
      (await load(change)).models[0]?.hash;
    const before = await hashOf({});
    const spec = { 'specs/Lock.tla': '---- MODULE Lock ----\nVARIABLE x\n====\n' };
    const other = { 'specs/Unrelated.tla': '---- MODULE Unrelated ----\n====\n' };
    expect(await hashOf(other)).toBe(before);
    expect(await hashOf(spec)).not.toBe(before);
    expect(await hashOf({ 'specs/MCLock.cfg': 'SPECIFICATION Spec \n' })).not.toBe(before);
  });

  it('has another binding hash when a file the binding imports changes', async () => {
    const importing = { 'lock.ts': `import './code.ts';\n${binding}` };
    const hashOf = async (code: string): Promise<string | undefined> =>
      (await load({ ...importing, 'code.ts': code })).models[0]?.binding?.hash;
    expect(await hashOf('export const a = 1;')).not.toBe(await hashOf('export const a = 2;'));
  });

  it('knows code that may read more than it imports', async () => {
    const { models } = await load({ 'lock.ts': `import 'node:fs';\n${binding}` });
    expect(models[0]?.binding?.closure.opaque).toContain('node:fs');
  });
});

const refused: [string, Record<string, unknown>, string][] = [
  ['rooms are missing', { 'bisim.config.ts': 'export default {};\n' }, 'rooms'],
  ['a key is misspelt', { 'bisim.config.ts': config([{ spec: 'specs' }]) }, 'spec'],
  ['the config does not parse', { 'bisim.config.ts': 'export default {{;\n' }, 'cannot be loaded'],
  ['a table is no JSON', { 'specs/models.json': '{' }, 'models.json'],
  ['a table has no models', { 'specs/models.json': { models: [] } }, 'models'],
  [
    'a cfg is missing',
    { 'specs/models.json': { models: [{ ...model, cfg: 'No.cfg' }] } },
    'No.cfg',
  ],
  [
    'a module is missing',
    { 'specs/models.json': { models: [{ ...model, model: 'No' }] } },
    'No.tla',
  ],
  ['two models have one name', { 'specs/models.json': { models: [model, model] } }, 'MCLock'],
  [
    'a binding binds another spec',
    { 'lock.ts': binding.replace('Lock.tla', 'Gone.tla') },
    'Gone.tla',
  ],
  ['a module exports no binding', { 'lock.ts': 'export const a = 1;\n' }, '0 bindings'],
  [
    'a replayed model has no binding',
    { 'bisim.config.ts': config([{ specs: 'specs' }]) },
    'MCLock',
  ],
  [
    'a mutant names no model',
    {
      'specs/mutants.json': [{ ...(project['specs/mutants.json'] as object[])[0], killedBy: 'No' }],
    },
    'M1 names No',
  ],
];

describe('a project is refused, with a next step, where', () => {
  for (const [title, change, words] of refused) {
    it(title, async () => {
      const error: unknown = await load(change).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ name: 'UsageError', next: expect.any(String) as string });
      expect((error as Error).message).toContain(words);
    });
  }

  it('there is no config', () => {
    expect(() => findConfig(root)).toThrow(/there is no bisim.config.ts/);
  });
});

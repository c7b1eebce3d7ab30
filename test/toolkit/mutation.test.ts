/** Mutants as patches, and patched copies of code that share nothing with the original. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withCodeMutant } from '../../conformance/mutation/codeMutant.ts';
import { applyPatch } from '../../conformance/mutation/patch.ts';
import { codeClosure } from '../../conformance/sources/codeClosure.ts';
import { loadModule } from '../../conformance/sources/loadModule.ts';

const patch = { id: 'M1', file: 'lock.ts', find: 'free', replace: 'true' };

describe('a patch', () => {
  it('replaces the one place it names, dollar signs as they are', () => {
    expect(applyPatch('if (free) take();', { ...patch, replace: '$& $1' })).toBe(
      'if ($& $1) take();',
    );
  });

  for (const [title, text, change] of [
    ['its text stands nowhere', 'if (open) take();', {}],
    ['its text stands twice', 'free || free', {}],
    ['its text overlaps itself', 'aaa', { find: 'aa' }],
    ['it changes nothing', 'free', { replace: 'free' }],
    ['it names no text', 'free', { find: '' }],
  ] as const) {
    it(`does not apply where ${title}`, () => {
      expect(() => applyPatch(text, { ...patch, ...change })).toThrow(/M1 \(lock.ts\)/);
    });
  }
});

describe('a code mutant', () => {
  let root = '';
  let temporary = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bisim-mutant-'));
    temporary = join(root, 'temporary');
    const files = {
      'package.json': '{"type":"module"}',
      'node_modules/dep/package.json': '{"name":"dep","type":"module","exports":"./index.js"}',
      'node_modules/dep/index.js': 'export const dep = 7;',
      'test/binding.ts':
        "import { dep } from 'dep';\nimport { guard } from '../src/lock.ts';\nimport { calls } from '../src/calls.ts';\nexport const run = (): number => (guard(1) ? dep : calls.count);\n",
      'src/lock.ts':
        "import { calls } from './calls.ts';\nexport const guard = (holders: number): boolean => {\n  calls.count += 1;\n  return holders === 0;\n};\n",
      'src/calls.ts': 'export const calls = { count: 0 };\n',
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const options = () => ({
    patch: { id: 'M1', file: 'src/lock.ts', find: 'holders === 0', replace: 'true' },
    file: join(root, 'src/lock.ts'),
    root,
    closure: codeClosure(join(root, 'test/binding.ts')),
    temporary,
  });
  const run = async (path: string): Promise<number> =>
    ((await loadModule(path))['run'] as () => number)();

  it('runs patched beside the original, which stays as it is', async () => {
    const mutated = await withCodeMutant(options(), run);
    const original = await run(join(root, 'test/binding.ts'));
    expect([mutated, original]).toEqual([7, 1]);
  });

  it('starts from fresh modules each time, shared by all their importers', async () => {
    const other = { ...options(), patch: { ...options().patch, replace: 'false' } };
    const results = [await withCodeMutant(other, run), await withCodeMutant(other, run)];
    expect(results).toEqual([1, 1]);
  });

  it('leaves no folder behind, also where it throws', async () => {
    const failing = withCodeMutant(options(), () => Promise.reject(new Error('stop')));
    await expect(failing).rejects.toThrow('stop');
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('is refused where the binding does not import the patched file', async () => {
    writeFileSync(join(root, 'src/other.ts'), 'export const a = 1 === 1;\n');
    const other = {
      ...options(),
      file: join(root, 'src/other.ts'),
      patch: { id: 'M2', file: 'src/other.ts', find: '1 === 1', replace: 'false' },
    };
    await expect(withCodeMutant(other, run)).rejects.toThrow(/not imported by test\/binding.ts/);
    expect(existsSync(temporary) ? readdirSync(temporary) : []).toEqual([]);
  });
});

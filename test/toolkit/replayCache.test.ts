/**
 * Results of earlier runs: what passed is taken again only where nothing that decides it has changed,
 * and never where nobody can know whether something has.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bindingFiles } from '../../conformance/project/bindingFiles.ts';
import {
  replayBinding,
  type ReplayBindingOptions,
} from '../../conformance/replaying/replayBinding.ts';
import { codeClosure } from '../../conformance/sources/codeClosure.ts';
import { hasJava, presentJar } from './tlcPresent.ts';
import { toyFiles, ToyProject } from './toyProject.ts';

let toy: ToyProject;
const binding = toyFiles['test/register.ts'].replace(
  "spec: 'specs/Register.tla',",
  "spec: 'specs/Register.tla', model: 'specs/MCRegister.cfg',",
);
const code = toyFiles['src/register.ts'];
const files = {
  'test/register.ts': binding,
  'src/register.ts': `import './deep.ts';\n${code}`,
  'src/deep.ts': "import limits from './limits.json';\nexport const most = limits.most;\n",
  'src/limits.json': '{"most":1}',
};

beforeAll(async () => {
  toy = new ToyProject(files);
  // A cache of its own would have the jar fetched once more.
  if (hasJava) vi.stubEnv('TLA2TOOLS_JAR', (await presentJar()).path);
  vi.stubEnv('BISIM_CACHE', toy.cache);
});
afterAll(() => {
  vi.unstubAllEnvs();
  toy.remove();
});

async function run(options: ReplayBindingOptions = {}) {
  const bound = await bindingFiles({ path: 'test/register.ts', from: toy.root });
  const { report } = await replayBinding(bound, { from: toy.root, here: true, ...options });
  return { verdict: report.verdict, cached: report.cached };
}

const fresh = { verdict: 'ok', cached: false };
const known = { verdict: 'ok', cached: true };

describe.skipIf(!hasJava)('a replay that passed before', () => {
  it('is run again where the code, what it imports, a package, Node or the seed changed', async () => {
    const changes: Record<string, string> = {
      'test/register.ts': `${binding}// changed\n`,
      'src/register.ts': `import './deep.ts';\n${code}// changed\n`,
      'src/deep.ts': 'export const most = 2;\n',
      'package-lock.json': '{"packages":{}}',
    };
    expect(await run()).toEqual(fresh);
    expect(await run()).toEqual(known);
    for (const [name, text] of Object.entries(changes)) {
      toy.write({ [name]: text });
      expect(await run(), name).toEqual(fresh);
    }
    expect(await run({ seed: 2 })).toEqual(fresh);
    const { version } = process;
    Object.defineProperty(process, 'version', { value: 'v0.0.0', configurable: true });
    try {
      expect(await run()).toEqual(fresh);
    } finally {
      Object.defineProperty(process, 'version', { value: version, configurable: true });
    }
    toy.write({ ...files, 'package-lock.json': '{}' });
    expect(await run()).toEqual(known);
    toy.write({ 'src/limits.json': '{"most":2}' });
    expect(await run()).toEqual(fresh);
  });

  it('is not taken for code that changed into wrong code', async () => {
    toy.write({ 'src/register.ts': `import './deep.ts';\n${code}`.replace(', value: c }', ' }') });
    expect(await run()).toEqual({ verdict: 'violation', cached: false });
    expect(await run()).toEqual({ verdict: 'violation', cached: false });
    toy.write(files);
  });

  it('is run again where the spec or its cfg changed, also along simulations', async () => {
    const simulation = { mode: 'simulation', num: 5, depth: 12 } as const;
    const spec = toyFiles['specs/Register.tla'];
    for (const options of [{}, simulation]) {
      toy.write({ 'specs/Register.tla': spec });
      await run(options);
      expect(await run(options)).toEqual(known);
      toy.write({
        'specs/Register.tla': spec.replace(
          'Answer(c) == call[c] = "applied"',
          'Answer(c) == call[c] # "idle"',
        ),
      });
      expect(await run(options)).toEqual({ verdict: 'violation', cached: false });
    }
    toy.write({ 'specs/Register.tla': spec });
    const cfg = toyFiles['specs/MCRegister.cfg'];
    toy.write({ 'specs/MCRegister.cfg': cfg.replace('{"c1", "c2"}', '{"c1"}') });
    expect(await run()).toEqual(fresh);
    toy.write({ 'specs/MCRegister.cfg': cfg });
  });
});

describe('code of which nobody can know whether it changed', () => {
  const opaque = (text: string): string | undefined => {
    writeFileSync(join(toy.root, 'src/entry.ts'), text);
    return codeClosure(join(toy.root, 'src/entry.ts')).opaque;
  };

  it('is code that reads files, asks other programs, or imports by a name that is put together', () => {
    for (const text of [
      "import { readFileSync } from 'node:fs';",
      "import http2 from 'http2';",
      'const made = await import(name);',
      "const made = await import('./deep' + '.ts');",
      'const made = await import(`./deep.ts`);',
      "const made = require('./deep');",
      'const answer = await fetch(url);',
      'const socket = new WebSocket(url);',
      "import { gone } from './gone.ts';",
      "import alias from '#alias';",
      "import packed from 'not-installed';",
    ])
      expect(opaque(text), text).toBeDefined();
    for (const text of [
      "import { most } from './deep.ts';",
      "const { most } = await import('./deep.ts');",
      "import { inspect } from 'node:util';",
      'const got = this.fetch(key);',
    ])
      expect(opaque(text), text).toBeUndefined();
  });

  it('is a package that is linked from elsewhere, not one that the lockfile holds', () => {
    const packages = join(toy.root, 'node_modules');
    mkdirSync(join(packages, '@held/fast'), { recursive: true });
    mkdirSync(join(toy.root, 'packages/member'), { recursive: true });
    symlinkSync(join(toy.root, 'packages/member'), join(packages, 'member'));
    expect(opaque("import { a } from '@held/fast/deep.js';")).toBeUndefined();
    expect(opaque("import { a } from 'member';")).toContain('no lockfile');
    expect(opaque("import { a } from 'member/deep.js';")).toContain('no lockfile');
  });

  it('is code that runs and imports a package, through which it may reach a server', async () => {
    const running = `import { ask } from '@held/fast';
      export const b = { name: 'b', spec: 'specs/Register.tla', model: 'specs/MCRegister.cfg',
        start: () => ask, observe: () => ({}), actions: {} };`;
    const held = join(toy.root, 'node_modules/@held/fast');
    writeFileSync(join(held, 'package.json'), '{"name":"@held/fast","type":"module"}');
    writeFileSync(join(held, 'index.js'), 'export const ask = 1;');
    toy.write({ 'test/b.ts': running });
    const { closure } = await bindingFiles({ path: 'test/b.ts', from: toy.root });
    expect(closure.opaque).toContain('@held/fast');
  });
});

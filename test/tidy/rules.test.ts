/**
 * The test of the tidy test: each rule passes a small clean repository and catches each
 * violation planted in it.
 */
import { describe, expect, it } from 'vitest';
import type { FileSet, Rule } from './fileSet.ts';
import { hardRulesNameTests } from './hardRules.ts';
import * as oneHop from './oneHop.ts';
import * as rooms from './rooms.ts';
import * as specs from './specs.ts';
import * as style from './style.ts';

const module = (name: string, body = ''): string =>
  `---- MODULE ${name} ----\n(* A lock that one of several clients may hold at a time, and no more. *)\nEXTENDS Naturals\n${body}\n====\n`;

const mutant = {
  id: 'M1',
  title: 'two holders',
  file: 'specs/lock/Lock.tla',
  find: 'holder = None',
  replace: 'TRUE',
  killedBy: 'MCLock',
  property: 'OneHolderInv',
  control: 'MCLock',
};

const clean: Record<string, string> = {
  'package.json': JSON.stringify({ dependencies: { zod: '4.6.7' } }),
  'bisim.config.ts':
    "import { defineConfig } from './conformance/config.ts';\nexport default defineConfig({});\n",
  'specs/README.md':
    '| [Lock](lock/Lock.tla) | – | MCLock | OneHolderInv | src/protocol/lock.ts |\n',
  'specs/lock/Lock.tla': module('Lock', 'Acquire(c) == holder = None'),
  'specs/lock/MCLock.tla': module('MCLock'),
  'specs/lock/MCLock.cfg': 'SPECIFICATION Spec\nINVARIANTS OneHolderInv\nCHECK_DEADLOCK TRUE\n',
  'specs/lock/models.json': JSON.stringify({ models: [{ model: 'MCLock', cfg: 'MCLock.cfg' }] }),
  'specs/lock/mutants.json': JSON.stringify([mutant]),
  'src/protocol/lock.ts':
    'export interface State { process: number }\nexport const init = 1;\nexport const invariants = {};\nexport function acquire(process: number) { return process; }\n',
  'src/services/locker.ts':
    "import { acquire } from '../protocol/lock.ts';\nexport const use = acquire;\n",
  'test/protocol/lock.test.ts': "describe('Acquire', () => {});\n",
  'test/conformance/lock.ts':
    "import { acquire } from '../../src/protocol/lock.ts';\nexport const lock = { actions: { Acquire: acquire } };\n",
  'conformance/config.ts': "import { z } from 'zod';\nexport const defineConfig = z.parse;\n",
  'conformance/index.ts': "export { defineConfig } from './config.ts';\n",
};

const repository = (planted: Record<string, string> = {}): FileSet =>
  new Map(Object.entries({ ...clean, ...planted }).sort());

const without = (path: string): FileSet => {
  const files = new Map(repository());
  files.delete(path);
  return files;
};

const withMutant = (change: Partial<typeof mutant>): FileSet =>
  repository({ 'specs/lock/mutants.json': JSON.stringify([{ ...mutant, ...change }]) });

const lock: oneHop.SpecNames = {
  module: 'Lock',
  actions: ['Acquire'],
  operators: ['Acquire', 'Quorum'],
};
const hop =
  (rule: typeof oneHop.codeNamesFollowSpec): Rule =>
  (files) =>
    rule(files, 'src/protocol/lock', lock);

/** A rule, and what is planted for it to catch. */
const planted: [string, Rule, Record<string, FileSet>][] = [
  [
    'onlyKnownTopLevelFolders',
    rooms.onlyKnownTopLevelFolders,
    { 'a new folder': repository({ 'lib/x.ts': '' }) },
  ],
  [
    'importsFollowTheArchitecture',
    rooms.importsFollowTheArchitecture,
    {
      'protocol imports world': repository({
        'src/protocol/x.ts': "import { a } from '../world/clock.ts';\n",
      }),
      'a type counts': repository({
        'src/item/x.ts': "import type { A } from '../api/a.ts';\n",
      }),
      'storage imports services': repository({
        'src/storage/x.ts': "import { a } from '../services/locker.ts';\n",
      }),
      'the toolkit imports the database': repository({
        'conformance/x.ts': "import { a } from '../src/protocol/lock.ts';\n",
      }),
      'the toolkit imports test': repository({
        'conformance/x.ts': "export const a = await import('../test/conformance/lock.ts');\n",
      }),
      'a benchmark imports test': repository({
        'bench/x.ts': "import { lock } from '../test/conformance/lock.ts';\n",
      }),
      'a room nobody knows': repository({ 'src/cache/x.ts': '' }),
    },
  ],
  [
    'relativeImportsExist',
    rooms.relativeImportsExist,
    { 'a wrong name': repository({ 'src/item/x.ts': "import { a } from './y.ts';\n" }) },
  ],
  [
    'packagesAreDeclared',
    rooms.packagesAreDeclared,
    {
      'an undeclared package': repository({ 'conformance/x.ts': "import ts from 'typescript';\n" }),
      'node: in a pure room': repository({
        'src/protocol/x.ts': "import { readFileSync } from 'node:fs';\n",
      }),
      'a package in a pure room': repository({ 'src/item/x.ts': "import { z } from 'zod';\n" }),
    },
  ],
  [
    'noTwoWayPair',
    rooms.noTwoWayPair,
    {
      'two rooms of the toolkit': repository({
        'conformance/tlc/x.ts': "import { a } from '../spec/y.ts';\n",
        'conformance/spec/z.ts': "import type { B } from '../tlc/x.ts';\n",
      }),
    },
  ],
  [
    'filesAreShort',
    style.filesAreShort,
    { '401 lines': repository({ 'test/x.ts': '// x\n'.repeat(401) }) },
  ],
  [
    'namesSaySomething',
    style.namesSaySomething,
    {
      'utils.ts': repository({ 'src/item/utils.ts': '' }),
      'a manager': repository({ 'src/services/leaseManager.ts': '' }),
      'a folder common/': repository({ 'test/common/x.ts': '' }),
    },
  ],
  [
    'noDefaultExports',
    style.noDefaultExports,
    {
      'a default function': repository({ 'src/item/x.ts': 'export default function f() {}\n' }),
      'a default value': repository({ 'src/item/x.ts': 'export default 1;\n' }),
      'a renamed default': repository({
        'src/item/x.ts': 'const a = 1;\nexport { a as default };\n',
      }),
    },
  ],
  [
    'onlyEntriesAreBarrels',
    style.onlyEntriesAreBarrels,
    {
      'another index': repository({ 'src/item/index.ts': 'export const a = 1;\n' }),
      'a re-export': repository({ 'src/item/x.ts': "export { a } from './y.ts';\n" }),
      'export star': repository({ 'conformance/tlc/all.ts': "export * from './jar.ts';\n" }),
    },
  ],
  [
    'pureRoomsArePure',
    style.pureRoomsArePure,
    Object.fromEntries(
      [
        'Date.now()',
        'new Date(0)',
        'Math.random()',
        'performance.now()',
        'process.env',
        'setTimeout(f, 1)',
        'queueMicrotask(f)',
        'globalThis.x',
        "fetch('x')",
        "import('node:fs')",
        'async () => 1',
      ].map((use) => [use, repository({ 'src/protocol/x.ts': `export const a = ${use};\n` })]),
    ),
  ],
  [
    'specModulesHaveHeaders',
    specs.specModulesHaveHeaders,
    {
      'no comment': repository({
        'specs/lock/Bare.tla': '---- MODULE Bare ----\nEXTENDS Naturals\n====\n',
      }),
      'a comment after the first declaration': repository({
        'specs/lock/Bare.tla': `---- MODULE Bare ----\nVARIABLE x\n(* ${'late words '.repeat(20)} *)\n====\n`,
      }),
      'another name': repository({ 'specs/lock/Bare.tla': module('Other') }),
    },
  ],
  [
    'cfgsAreExplicit',
    specs.cfgsAreExplicit,
    {
      'no word on deadlock': repository({
        'specs/lock/MCLock.cfg': 'SPECIFICATION Spec\nINVARIANTS A\n',
      }),
      'nothing to check': repository({
        'specs/lock/MCLock.cfg': 'SPECIFICATION Spec\nCHECK_DEADLOCK TRUE\n',
      }),
    },
  ],
  [
    'modelsAreComplete',
    specs.modelsAreComplete,
    {
      'no cfg': without('specs/lock/MCLock.cfg'),
      'no module': without('specs/lock/MCLock.tla'),
      'a cfg in no row': repository({ 'specs/lock/Other.cfg': 'CHECK_DEADLOCK TRUE\n' }),
      'broken JSON': repository({ 'specs/lock/models.json': '{' }),
    },
  ],
  [
    'mutantsApply',
    specs.mutantsApply,
    {
      'find stands nowhere': withMutant({ find: 'holder = Nobody' }),
      'find stands twice': withMutant({ find: 'o' }),
      'no such file': withMutant({ file: 'specs/lock/Gone.tla' }),
      'no such model': withMutant({ killedBy: 'MCOther' }),
      'no such control': withMutant({ control: 'MCOther' }),
      'changes nothing': withMutant({ replace: mutant.find }),
      'code killed by an invariant': withMutant({
        file: 'src/protocol/lock.ts',
        find: 'return process',
      }),
      'listed twice': repository({ 'specs/lock/mutants.json': JSON.stringify([mutant, mutant]) }),
    },
  ],
  [
    'codeNamesFollowSpec',
    hop(oneHop.codeNamesFollowSpec),
    {
      'an action without code': repository({
        'src/protocol/lock.ts': 'export const init = 1;\nexport const invariants = {};\n',
      }),
      'no invariants': repository({
        'src/protocol/lock.ts': 'export const init = 1;\nexport const acquire = 1;\n',
      }),
      'an export the spec has not': repository({
        'src/protocol/lock.ts': `${clean['src/protocol/lock.ts'] ?? ''}export const steal = 1;\n`,
      }),
      'no code': without('src/protocol/lock.ts'),
      'an extra export that leaves its folder': repository({
        'src/protocol/lock/queue.ts': 'export const shift = 1;\n',
        'src/services/x.ts': "import { shift } from '../protocol/lock/queue.ts';\n",
      }),
    },
  ],
  [
    'actionsAreDescribed',
    hop(oneHop.actionsAreDescribed),
    { 'no describe': repository({ 'test/protocol/lock.test.ts': "it('acquires', () => {});\n" }) },
  ],
  [
    'bindingKeysFollowSpec',
    hop(oneHop.bindingKeysFollowSpec),
    {
      'no binding': without('test/conformance/lock.ts'),
      'a key too few': repository({ 'test/conformance/lock.ts': 'const actions = {};\n' }),
      'a key too many': repository({
        'test/conformance/lock.ts': 'const actions = { Acquire: 1, Steal: 2 } as const;\n',
      }),
    },
  ],
];

describe('the tidy rules', () => {
  for (const [name, rule, cases] of planted) {
    describe(name, () => {
      it('passes a clean repository', () => {
        expect(rule(repository())).toEqual([]);
      });
      for (const [title, files] of Object.entries(cases)) {
        it(`catches: ${title}`, () => {
          expect(rule(files).length).toBeGreaterThan(0);
        });
      }
    });
  }

  it('lets a file past its length become a folder whose inner exports stay inside', () => {
    const files = repository({
      'src/protocol/lock/queue.ts': 'export const shift = 1;\n',
      'src/protocol/lock.ts': `import { shift } from './lock/queue.ts';\n${clean['src/protocol/lock.ts'] ?? ''}`,
    });
    expect(oneHop.codeNamesFollowSpec(files, 'src/protocol/lock', lock)).toEqual([]);
  });

  it('misses a hard rule without a test, and a test without its title', () => {
    const rows = [1, 2, 3, 4, 5, 6, 7, 8].map((at) => `${at}. Rule.\n   - \`a.test.ts\`: holds\n`);
    const files = (more: string): FileSet =>
      new Map([
        ['docs/hard-rules.md', `## Held by\n\n${rows.join('')}${more}`],
        ['a.test.ts', "it('holds', check);"],
      ]);
    const said = (more: string): string[] => hardRulesNameTests(files(more)).map((v) => v.message);
    expect(said('9. Last.\n   - `a.test.ts`: holds\n')).toEqual([]);
    expect(said('')).toEqual(['rule 9 names no test']);
    expect(said('9. Last.\n')).toEqual(['rule 9 names no test']);
    expect(said('9. Last.\n   - `b.test.ts`: holds\n')).toEqual(['rule 9: there is no b.test.ts']);
    expect(said('9. Last.\n   - `a.test.ts`: hold\n')).toEqual([
      'rule 9: a.test.ts has no test "hold"',
    ]);
  });

  it('finds the modules that have code in the table of specs/README.md', () => {
    expect(oneHop.modulesWithCode(repository())).toEqual([
      { spec: 'specs/lock/Lock.tla', stem: 'src/protocol/lock' },
    ]);
  });
});

/**
 * The files that `bisim types` makes: written beside the spec, found stale when spec, cfg or file
 * changed, never written over what is not theirs; and what is said where a spec declares no types.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { specFiles } from '../../conformance/project/specFiles.ts';
import { typesReportSchema } from '../../conformance/report/typesReport.ts';
import { generatedTypes, staleTypes } from '../../conformance/types/staleTypes.ts';
import { laidOut } from '../../conformance/types/layout.ts';
import { inferTypes } from '../../conformance/types/typesOf.ts';
import { typeDoc } from '../../conformance/types/typeText.ts';
import { writeTypes } from '../../conformance/types/writeTypes.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'bisim-types-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const path = (name: string): string => join(root, name);
const read = (name: string): string => readFileSync(path(name), 'utf8');
const verb = (check: boolean, spec = 'MCVoting.tla') =>
  writeTypes({ spec, check, cwd: root, signal: new AbortController().signal });

beforeAll(async () => {
  writeFileSync(path('package.json'), '{"name":"toy","type":"module"}');
  for (const name of ['MCVoting.tla', 'MCVoting.cfg', 'Voting.tla']) {
    cpSync(join(repository, 'test/toolkit/specs', name), path(name));
  }
  await verb(false);
});

/** Changes a file for the time of one look. */
async function changed<T>(name: string, to: string, look: () => Promise<T>): Promise<T> {
  const old = read(name);
  writeFileSync(path(name), to);
  try {
    return await look();
  } finally {
    writeFileSync(path(name), old);
  }
}

describe('a generated file', () => {
  it('is current as it was made, and however a formatter lays it out', async () => {
    expect(await staleTypes(root)).toEqual([]);
    expect(await generatedTypes(root)).toEqual([path('MCVoting.types.ts')]);
    const { exitCode, report } = await verb(true);
    expect([exitCode, typesReportSchema.parse(report).state]).toEqual([0, 'current']);
    const narrow = await format(read('MCVoting.types.ts'), {
      parser: 'typescript',
      printWidth: 60,
    });
    expect(await changed('MCVoting.types.ts', narrow, () => staleTypes(root))).toEqual([]);
  });

  it.each([
    ['Voting.tla', (text: string) => text.replace('"answer"}', '"answer", "nack"}')],
    ['MCVoting.tla', (text: string) => text.replace('{1, 2}', '{1, 2, 3}')],
    ['MCVoting.cfg', (text: string) => text.replace('{s1, s2}', '{"s1", "s2"}')],
    ['MCVoting.types.ts', (text: string) => text.replace("'ask'", "'asks'")],
  ])('is stale once %s changed, and says how it is made anew', async (name, change) => {
    const text = change(read(name));
    expect(text).not.toBe(read(name));
    const [stale, checked] = await changed(name, text, async () => [
      await staleTypes(root),
      await verb(true),
    ]);
    expect(stale.map(({ repeat }) => repeat)).toEqual([
      'bisim types MCVoting.tla --config MCVoting.cfg --out MCVoting.types.ts',
    ]);
    expect([checked.exitCode, checked.report.verdict]).toEqual([1, 'violation']);
    expect(checked.text).toContain('is stale');
  });

  it('is not written over a file of the user', async () => {
    await changed('MCVoting.types.ts', 'export const mine = 1;\n', async () => {
      await expect(verb(false)).rejects.toThrow(/was not made by bisim types/);
      expect(read('MCVoting.types.ts')).toBe('export const mine = 1;\n');
    });
  });

  it('says of a spec that is not there, or a cfg of another spec, what to do', async () => {
    await expect(verb(false, 'None.tla')).rejects.toThrow(/there is no TLA\+ module/);
    writeFileSync(path('Other.cfg'), 'SPECIFICATION Spec\nCONSTANT Frogs = 3\n');
    const other = { spec: 'MCVoting.tla', cfg: 'Other.cfg', check: false, cwd: root };
    await expect(writeTypes({ ...other, signal: new AbortController().signal })).rejects.toThrow(
      /declares no such constant/,
    );
  });
});

const queue = `---- MODULE Queue ----
EXTENDS Naturals, Sequences
CONSTANT Names, Nil
VARIABLES queue, held, table, pair, odd, tree
vars == <<queue, held, table, pair, odd, tree>>
Pick == CHOOSE x : x \\notin Names
Init == /\\ queue = <<>> /\\ held = Nil /\\ table = [x \\in 0..2 |-> {}]
        /\\ pair \\in Names \\X BOOLEAN /\\ odd = Pick /\\ tree = [left |-> 1]
Push(x, k) ==
  /\\ queue' = Append(queue, [name |-> x, at |-> Len(queue)])
  /\\ held' = x
  /\\ table' = [table EXCEPT ![k] = @ \\cup {x}]
  /\\ UNCHANGED <<pair, odd, tree>>
Next == \\E x \\in Names, k \\in {0, 2} : Push(x, k)
Spec == Init /\\ [][Next]_vars
====
`;

describe('a spec without TypeOK', () => {
  it('is typed by what Init and the actions assign; what nobody can tell is any value, with the reason', async () => {
    writeFileSync(path('Queue.tla'), queue);
    writeFileSync(
      path('Queue.cfg'),
      'SPECIFICATION Spec\nCONSTANTS Names = {"a", "b"} Nil = Nil\n',
    );
    const types = await inferTypes(await specFiles({ spec: 'Queue.tla', from: root }));
    const shown = types.variables.map(({ name, type }) => [
      name,
      laidOut(typeDoc(type), 0, -Infinity),
    ]);
    expect(Object.fromEntries(shown)).toEqual({
      queue: 'ReadonlyArray<{ readonly name: string; readonly at: number }>',
      held: 'ModelValue | string',
      table: 'ReadonlyMap<number, ReadonlySet<string>>',
      pair: 'readonly [string, boolean]',
      odd: 'TlaValue',
      tree: '{ readonly left: number }',
    });
    expect(types.unknown).toEqual([
      expect.stringMatching(/^odd: Queue.tla line 6: CHOOSE without a set/),
    ]);
    const { args } = types.actions[0]!;
    expect(args).toMatchObject({ x: { kind: 'string' }, k: { kind: 'integer', min: 0, max: 2 } });
    const { text } = await verb(false, 'Queue.tla');
    expect(text).toContain('warning: no TypeOK says what queue, held, table, pair, tree may be');
    expect(text).toContain('odd: Queue.tla line 6');
  });
});

describe('this repository', () => {
  it('has no generated types that their specs no longer make', async () => {
    expect(await staleTypes(repository)).toEqual([]);
  });
});

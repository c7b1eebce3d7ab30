/**
 * The rules of the architecture, held over the repository as it stands. What each rule
 * catches is shown in test/tidy/rules.test.ts.
 */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Rule, Violation } from './tidy/fileSet.ts';
import { readRepository } from './tidy/fileSet.ts';
import * as rooms from './tidy/rooms.ts';
import * as specs from './tidy/specs.ts';
import * as style from './tidy/style.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = readRepository(root);

const shown = (violations: readonly Violation[]): string[] =>
  violations.map(({ path, message }) => `${path}: ${message}`);

const rules: Record<string, Rule> = {
  'has no top-level folder beside those of the architecture': rooms.onlyKnownTopLevelFolders,
  'imports along the arrows of the architecture': rooms.importsFollowTheArchitecture,
  'imports files that exist': rooms.relativeImportsExist,
  'imports packages that are declared': rooms.packagesAreDeclared,
  'has no two rooms that import each other': rooms.noTwoWayPair,
  'has no file past its length': style.filesAreShort,
  'has names that say something': style.namesSaySomething,
  'has named exports only': style.noDefaultExports,
  'has barrels at the published entries only': style.onlyEntriesAreBarrels,
  'keeps the pure rooms pure': style.pureRoomsArePure,
  'has a header on every spec': specs.specModulesHaveHeaders,
  'has cfgs that state what they check': specs.cfgsAreExplicit,
  'has every model in its table': specs.modelsAreComplete,
  'has mutants that apply': specs.mutantsApply,
};

describe('the repository', () => {
  it('is not empty as the rules see it', () => {
    expect(files.has('package.json')).toBe(true);
    expect([...files.keys()].filter((path) => path.endsWith('.ts')).length).toBeGreaterThan(20);
  });

  for (const [title, rule] of Object.entries(rules)) {
    it(title, () => {
      expect(shown(rule(files))).toEqual([]);
    });
  }
});

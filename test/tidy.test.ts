/**
 * The rules of the architecture, held over the repository as it stands. What each rule
 * catches is shown in test/tidy/rules.test.ts.
 */
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../conformance/config.ts';
import { parseCfg } from '../conformance/spec/cfg.ts';
import { readBehaviour, readSpec } from '../conformance/spec/declarations.ts';
import { findJava } from '../conformance/tlc/java.ts';
import type { Model } from '../conformance/verify/project.ts';
import { loadProject } from '../conformance/verify/project.ts';
import { readRecording, recordedStatesMax, recordingPath } from '../conformance/verify/recorded.ts';
import type { Rule, Violation } from './tidy/fileSet.ts';
import { readRepository } from './tidy/fileSet.ts';
import { hardRulesNameTests } from './tidy/hardRules.ts';
import {
  actionsAreDescribed,
  bindingKeysFollowSpec,
  codeNamesFollowSpec,
  modulesWithCode,
} from './tidy/oneHop.ts';
import type { SpecNames } from './tidy/oneHop.ts';
import * as rooms from './tidy/rooms.ts';
import * as specs from './tidy/specs.ts';
import { specsPage } from './tidy/specsPage.ts';
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
  'has a test for each hard rule of its docs': hardRulesNameTests,
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

describe('specs/README.md', () => {
  it('is the page that the specs, their models and their code make', async () => {
    await expect(specsPage(files)).toMatchFileSnapshot('../specs/README.md');
  });
});

describe('recorded graphs', () => {
  it('are of the specs as they are, at most 6 bytes a state and 10 MB in all (npm run record)', async () => {
    const { models } = await loadProject(await loadConfig(join(root, 'bisim.config.ts')));
    const recorded = models.filter(isRecorded);
    expect(recorded.length).toBeGreaterThan(0);
    let total = 0;
    for (const model of recorded) {
      const bytes = readFileSync(recordingPath(model));
      const { hash, facts, graph } = readRecording(recordingPath(model), bytes);
      expect([model.name, hash]).toEqual([model.name, model.hash]);
      expect(graph.length / facts.distinct, model.name).toBeLessThanOrEqual(6);
      total += bytes.length;
    }
    expect(total).toBeLessThanOrEqual(10_000_000);
  });
});

function isRecorded({ row }: Model): boolean {
  const small = (row.expect.distinct ?? 0) <= recordedStatesMax;
  return (row.replay || row.tours) && row.mode !== 'simulate' && row.tier === 'fast' && small;
}

const java = await findJava().then(
  () => true,
  () => false,
);

describe.skipIf(!java)('one hop, with Java alone (SANY says what a spec declares)', () => {
  for (const { spec, stem } of modulesWithCode(files)) {
    it(`leads from ${spec} to its code, its tests and its binding`, async () => {
      const names = await namesOf(spec);
      const found = [
        ...codeNamesFollowSpec(files, stem, names),
        ...actionsAreDescribed(files, stem, names),
        ...bindingKeysFollowSpec(files, stem, names),
      ];
      expect(shown(found)).toEqual([]);
    }, 120_000);
  }
});

/** What SANY says of a module: the actions of its Next, and its operators. */
async function namesOf(spec: string): Promise<SpecNames> {
  const path = join(root, spec);
  const libraryPaths = [join(root, 'specs/library')];
  const { constants } = await readSpec({ module: path, libraryPaths });
  // Any value does: nothing is evaluated.
  const values = constants.map((name) => `CONSTANT ${name} = 0\n`).join('');
  const cfg = parseCfg(`SPECIFICATION Spec\n${values}`);
  const { actions, declarations } = await readBehaviour({ module: path, libraryPaths, cfg });
  return {
    module: spec,
    actions: actions.map(({ name }) => name),
    operators: declarations.operators.map(({ name }) => name),
  };
}

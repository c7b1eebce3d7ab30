/**
 * A mutant as a patch on the real source: one text that stands exactly once, and what is put
 * there instead. A patch that no longer applies is an error of the suite, never a pass.
 */
import { UsageError } from '../sources/usageError.ts';

export interface Patch {
  readonly id: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** How often a text stands in another, overlaps counted. */
function occurrences(text: string, find: string): number {
  let count = 0;
  for (let at = text.indexOf(find); at >= 0; at = text.indexOf(find, at + 1)) count += 1;
  return count;
}

export function applyPatch(text: string, patch: Patch): string {
  if (patch.find === '') {
    throw new UsageError(
      'empty-find',
      `${patch.id} (${patch.file}): find is empty`,
      'Give the text that the mutant replaces.',
    );
  }
  const count = occurrences(text, patch.find);
  if (count !== 1) {
    throw new UsageError(
      'patch-does-not-apply',
      `${patch.id} (${patch.file}): find stands ${count} times in the file, not once`,
      'Correct find in mutants.json so that it names one place of the source as it is now.',
    );
  }
  if (patch.find === patch.replace) {
    throw new UsageError(
      'patch-changes-nothing',
      `${patch.id} (${patch.file}): replace equals find`,
      'Give a replacement that seeds the bug.',
    );
  }
  return text.replace(patch.find, () => patch.replace);
}

/**
 * The TypeScript compiler of the user's project, as far as mutation needs it: the toolkit does not
 * bring its own.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { UsageError } from '../sources/usageError.ts';

export interface SyntaxNode {
  readonly kind: number;
  readonly end: number;
  readonly parent: SyntaxNode | undefined;
  getStart(file?: SyntaxNode): number;
  readonly [part: string]: unknown;
}

export interface TypescriptParser {
  readonly version: string;
  readonly SyntaxKind: Readonly<Record<string, number>>;
  readonly ScriptTarget: { readonly Latest: number };
  createSourceFile(name: string, text: string, target: number, parents: boolean): SyntaxNode;
  forEachChild(node: SyntaxNode, visit: (child: SyntaxNode) => void): void;
}

/** TypeScript 7 has no parser to be called; the second is the 6 that is installed beside it. */
export const parserPackages = ['typescript', '@typescript/typescript6'] as const;

export function typescriptOf(root: string): TypescriptParser {
  const resolve = createRequire(join(root, 'package.json'));
  const seen: string[] = [];
  for (const name of parserPackages) {
    try {
      const found = resolve(name) as Partial<TypescriptParser>;
      if (typeof found.createSourceFile === 'function' && found.SyntaxKind) {
        return found as TypescriptParser;
      }
      seen.push(`${name} ${found.version ?? ''}`.trim());
    } catch {
      continue;
    }
  }
  const has = seen.length === 0 ? 'none' : `only ${seen.join(', ')}, which has no parser to call`;
  const install = seen.length === 0 ? 'typescript@6' : '@typescript/typescript6';
  throw new UsageError(
    'no-typescript',
    `code mutants are made by the project's own TypeScript, and ${root} has ${has}`,
    `npm install --save-dev ${install}, or mutate the spec alone by --spec.`,
  );
}

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

export function typescriptOf(root: string): TypescriptParser {
  let found: unknown;
  try {
    found = createRequire(join(root, 'package.json'))('typescript');
  } catch (cause) {
    throw new UsageError(
      'no-typescript',
      `code mutants are made by the project's own TypeScript, and ${root} has none`,
      'npm install --save-dev typescript, or mutate the spec alone by --spec.',
      cause,
    );
  }
  const parser = found as Partial<TypescriptParser>;
  if (typeof parser.createSourceFile === 'function' && parser.SyntaxKind) {
    return parser as TypescriptParser;
  }
  throw new UsageError(
    'no-typescript',
    `the typescript of ${root} has no parser that can be called`,
    'Install a version of typescript from 5 to 6, or mutate the spec alone by --spec.',
  );
}

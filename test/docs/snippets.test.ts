import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

interface Snippet {
  /** As in an editor: file and line of the first line of code. */
  readonly at: string;
  readonly code: string;
  /** In the repository, where no file is. */
  readonly path: string;
}

const FENCE = /^[ \t]*(?:\*[ \t])?```(?:ts|typescript)[ \t]*\n([\s\S]*?)^[ \t]*(?:\*[ \t])?```/gm;

function snippetsIn(file: string): Snippet[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(FENCE)].map((match, index) => {
    const before = text.slice(0, match.index).split('\n').length;
    const code = file.endsWith('.ts') ? (match[1] ?? '').replaceAll(/^[ \t]*\* ?/gm, '') : (match[1] ?? '');
    return { at: `${file}:${before + 1}`, code, path: resolve('snippets', `${file.replaceAll('/', '_')}-${index}.ts`) };
  });
}

const filesIn = (folder: string, recursive: boolean): string[] =>
  readdirSync(folder, { recursive, encoding: 'utf8' }).map((name) => join(folder, name));

const all = [...filesIn('.', false), ...filesIn('docs', true), ...filesIn('src', true)].sort();
const sources = all.filter((file) => file.startsWith('src/') && file.endsWith('.ts'));
const pages = all.filter((file) => file.endsWith('.md'));
const snippets = [...sources, ...pages].flatMap(snippetsIn);

function complaints(): ReadonlyMap<string, string[]> {
  const { config } = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, process.cwd());
  const codeOf = new Map(snippets.map(({ path, code }) => [path, `${code}\nexport {};\n`]));
  const host = ts.createCompilerHost(options);
  const disk = { ...host };
  host.fileExists = (path) => codeOf.has(path) || disk.fileExists(path);
  host.readFile = (path) => codeOf.get(path) ?? disk.readFile(path);
  host.getSourceFile = (path, language, ...rest) => {
    const code = codeOf.get(path);
    return code === undefined ? disk.getSourceFile(path, language, ...rest) : ts.createSourceFile(path, code, language);
  };
  // An example may show a value without doing anything with it.
  const program = ts.createProgram(
    [...codeOf.keys()],
    { ...options, noUnusedLocals: false, noUnusedParameters: false },
    host,
  );
  return new Map(
    snippets.map(({ path, at }) => {
      const file = program.getSourceFile(path);
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return [at, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
}

describe('what the documentation shows compiles', () => {
  const found = complaints();

  it('there is something to look at', () => {
    expect(snippets.length).toBeGreaterThan(3);
  });

  it.each([...found.keys()])('%s', (at) => {
    expect(found.get(at)).toEqual([]);
  });
});

it('every example in a docstring is fenced, so that it is checked', () => {
  const bare = sources.flatMap((file) => {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.flatMap((line, index) =>
      /@example/.test(line) && !/```ts/.test(lines[index + 1] ?? '') ? [`${file}:${index + 1}`] : [],
    );
  });
  expect(bare).toEqual([]);
});

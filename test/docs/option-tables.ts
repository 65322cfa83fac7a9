import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** Markdown rows for every member of a named interface or type, from its declaration and its docstrings. */
export function optionTable(file: string, typeName: string): string {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  const rows = membersOf(source, typeName).flatMap((member) => rowsOf(member, ''));
  if (rows.length === 0) throw new Error(`${file} has no ${typeName} with members`);
  return ['| name | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

function membersOf(source: ts.SourceFile, typeName: string): readonly ts.TypeElement[] {
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === typeName) return statement.members.slice();
    if (
      ts.isTypeAliasDeclaration(statement) &&
      statement.name.text === typeName &&
      ts.isTypeLiteralNode(statement.type)
    )
      return statement.type.members.slice();
  }
  return [];
}

function rowsOf(member: ts.TypeElement, prefix: string): string[] {
  if (!ts.isPropertySignature(member) || member.type === undefined) return [];
  const name = `${prefix}${member.name.getText()}`;
  const inner = onlyLiteral(member.type);
  const docs = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
  const meaning = docs.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '').join(' ');
  const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'defaultValue');
  const value = tag === undefined ? undefined : ts.getTextOfJSDocComment(tag.comment);
  const byDefault = value ?? (member.questionToken === undefined ? 'required' : 'none');
  const type = inner === undefined ? typeText(member.type) : 'object';
  const row = `| \`${name}\` | ${type} | ${cell(byDefault)} | ${cell(meaning)} |`;
  const nested = inner === undefined ? [] : inner.members.flatMap((each) => rowsOf(each, `${name}.`));
  return [row, ...nested];
}

/** The members of `{ … } | undefined`; undefined for any other type. */
function onlyLiteral(type: ts.TypeNode): ts.TypeLiteralNode | undefined {
  const parts = ts.isUnionTypeNode(type) ? type.types.filter((part) => part.getText() !== 'undefined') : [type];
  const [only] = parts;
  return parts.length === 1 && only !== undefined && ts.isTypeLiteralNode(only) ? only : undefined;
}

function typeText(type: ts.TypeNode): string {
  const text = type
    .getText()
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\breadonly /g, '')
    .replace(/ \| undefined\b/g, '')
    .replace(/\s+/g, ' ')
    .replace(/^\| /, '')
    .replace(/; }/g, ' }');
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function cell(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();
}

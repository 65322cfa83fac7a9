import pc from 'picocolors';

export type Colours = ReturnType<typeof pc.createColors>;

export const coloursOf = (on: boolean): Colours => pc.createColors(on);

type Environment = Readonly<Record<string, string | undefined>>;

/** FORCE_COLOR decides, as in Node itself; then NO_COLOR; then whether somebody sits there. */
export function wantsColour(stream: { readonly isTTY?: boolean }, env: Environment): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no } = env;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  if (no !== undefined && no !== '') return false;
  return isTerminal(stream, env);
}

/** Whether somebody sits at a terminal that understands escape sequences. */
function isTerminal(stream: { readonly isTTY?: boolean }, env: Environment): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Whether lines already written can be written over. A terminal that says it has no size can hold none. */
export function canRedraw(
  stream: { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number },
  env: Environment,
): boolean {
  return isTerminal(stream, env) && stream.columns !== 0 && stream.rows !== 0;
}

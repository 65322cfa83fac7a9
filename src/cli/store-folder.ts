import { stat } from 'node:fs/promises';

/** What to say of a folder of rollouts that is not there: a misspelt one must not look like one in which all is well. */
export async function missingFolder(folder: string | undefined): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  try {
    return (await stat(folder)).isDirectory() ? undefined : `${folder} is not a folder`;
  } catch (error) {
    // What else may be wrong with it the store says better.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? `there is no folder ${folder}` : undefined;
  }
}

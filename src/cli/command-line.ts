/** What of a command line names the same store and the same options again. */
export interface SamePlace {
  readonly store?: string | undefined;
  readonly config?: string | undefined;
}

/** A command line to copy, for the same store and configuration. */
export function commandLine(words: readonly string[], { store, config }: SamePlace): string {
  const place = [
    ...(store === undefined ? [] : ['--store', store]),
    ...(config === undefined ? [] : ['--config', config]),
  ];
  return ['elastigroup-bluegreen', ...words, ...place].map(shellWord).join(' ');
}

export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

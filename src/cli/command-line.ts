import { npxCommand, shellParts, type WholeCommand } from '../report/shell-command.js';

/** What of a command line names the same store and the same options again. */
export interface SamePlace {
  readonly store?: string | undefined;
  readonly config?: string | undefined;
}

/** How every command that is shown to be copied is written, for the same store and configuration. */
export function commandFor({ store, config }: SamePlace): WholeCommand {
  const place = [
    ...(store === undefined ? [] : ['--store', store]),
    ...(config === undefined ? [] : ['--config', config]),
  ];
  return (words) => npxCommand([...words, ...place]);
}

/** A command line to copy. */
export function commandLine(words: readonly string[], place: SamePlace): string {
  return shellParts(commandFor(place)(words)).join(' ');
}

import { Command, InvalidArgumentError, Option } from 'commander';
import { abort } from './abort.js';
import { approve, reject, type Answer } from './answer-gate.js';
import type { CliContext } from './cli-context.js';
import { deploy } from './deploy.js';
import type { CommonOptions } from './drive-rollout.js';
import { DEFAULT_STORE } from './engine.js';
import { errors } from './errors.js';
import { EXIT_CODES, type Ending } from './exit-codes.js';
import { plan } from './plan.js';
import { redeploy } from './redeploy.js';
import { report } from './report.js';
import { resume } from './resume.js';
import { simulate, type SimulateOptions } from './simulate.js';
import { status } from './status.js';
import { sweep } from './sweep.js';
import { trace } from './trace.js';
import { watch } from './watch.js';

/** The commands, and what each takes. `end` is told how the one that was called has ended. */
export function makeProgram(context: CliContext, end: (ending: Ending) => void): Command {
  const { stdout, stderr } = context;
  const program = new Command('elastigroup-bluegreen')
    .description(
      'Blue/green releases onto a Spot Elastigroup with AWS CodeDeploy: finished with proof, or put back with proof.',
    )
    .version(context.version, '--version', 'print the version')
    .helpOption('--help', 'print this text')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText(
      'after',
      `\n${exitCodeHelp()}\n\n"npx elastigroup-bluegreen COMMAND --help" tells more about a command.`,
    );

  const add = (usage: string, description: string): Command =>
    program
      .command(usage)
      .description(description)
      .option('--json', 'print JSON for machines')
      .addHelpText('after', `\n${exitCodeHelp()}`);
  const onStore = (usage: string, description: string): Command =>
    add(usage, description)
      .option('--store <dir>', `folder that the rollouts are kept in (default: ${DEFAULT_STORE})`)
      .option('--config <file>', 'ES module whose default export is BlueGreenOptions, or a function that returns them');
  const answered = (command: Command): Command =>
    command.option('--by <name>', 'who says so (default: the name of whoever runs this)');

  onStore('deploy <spec>', 'release what a YAML or JSON spec says; - reads it from standard input')
    .option(
      '--id <id>',
      "the rollout's id; the same id and spec attach to the rollout that exists (default: a new one)",
    )
    .action(async (file: string, options: CommonOptions) => end(await deploy(context, options, file)));
  onStore('redeploy <id>', 'release again what an ended rollout released, as a new rollout')
    .option('--id <id>', "the new rollout's id (default: a new one)")
    .action(async (id: string, options: CommonOptions & { readonly id?: string }) =>
      end(await redeploy(context, options, id)),
    );
  onStore('plan <spec>', 'tell what deploy would do now; changes nothing')
    .option('--id <id>', 'id to plan with (default: a new one)')
    .action(async (file: string, options: CommonOptions & { readonly id?: string }) =>
      end(await plan(context, options, file)),
    );
  onStore('status [id]', 'list the rollouts, or tell everything about one').action(
    async (id: string | undefined, options: CommonOptions) => end(await status(context, options, id)),
  );
  onStore('watch <id>', 'follow a rollout that another process drives').action(
    async (id: string, options: CommonOptions) => end(await watch(context, options, id)),
  );
  answered(onStore('approve <id> <gate>', 'let a rollout through a gate'))
    .option('--reason <text>', 'why')
    .option('--evidence <hash>', 'what the yes is for: the hash that status shows')
    .action(async (id: string, gate: string, options: Answer) => end(await approve(context, options, id, gate)));
  answered(onStore('reject <id> <gate>', 'say no at a gate: the release is taken back'))
    .requiredOption('--reason <text>', 'why')
    .action(async (id: string, gate: string, options: Answer & { readonly reason: string }) =>
      end(await reject(context, options, id, gate)),
    );
  answered(onStore('abort <id>', 'take a release back; prints unwinding, or too-late'))
    .option('--reason <text>', 'why')
    .action(async (id: string, options: Answer) => end(await abort(context, options, id)));
  onStore('resume <id>', 'go on with a rollout that nobody drives any more')
    .option('--allow-missing <hook>', 'name of a hook that it may go on without; may be repeated', collect)
    .action(async (id: string, options: CommonOptions & { readonly allowMissing?: readonly string[] }) =>
      end(await resume(context, options, id)),
    );
  onStore('report <id>', 'print one HTML file that tells a rollout')
    .option('--out <file>', 'write it to this file')
    .action(async (id: string, options: CommonOptions & { readonly out?: string }) =>
      end(await report(context, options, id)),
    );
  onStore('trace <id>', 'tell what the clouds did during a rollout, and when').action(
    async (id: string, options: CommonOptions) => end(await trace(context, options, id)),
  );
  onStore('sweep', 'look for what dead rollouts left')
    .option('--apply', 'take dead rollouts back, and free what they hold (default: only look)')
    .action(async (options: CommonOptions & { readonly apply?: boolean }) => end(await sweep(context, options)));
  add('errors [code]', 'explain an error code: who must act, what to do and to check; or list all of them').action(
    async (code: string | undefined, options: Pick<CommonOptions, 'json'>) => end(await errors(context, options, code)),
  );
  add('simulate', 'serve a simulated Spot and AWS on a port of this machine, to try the other commands on')
    .option('--port <number>', 'port to listen on (default: any that is free)', wholeNumber(0, 65_535))
    .addOption(new Option('--speed <factor>', 'how many times faster than real time').default(10).argParser(positive))
    .addOption(new Option('--blue <count>', 'instances that serve').default(3).argParser(wholeNumber(1, 500)))
    .addOption(
      new Option('--fault <json>', 'something that goes wrong; may be repeated').default([], 'none').argParser(collect),
    )
    .addOption(
      new Option('--undocumented <key=value>', 'how the clouds behave where no source tells; may be repeated')
        .default([], 'the first of each')
        .argParser(collect),
    )
    .option('--spec <file>', 'write a spec that releases the simulated shop')
    .action(async (options: SimulateOptions) => end(await simulate(context, options)));
  return program;
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`Allowed is a whole number from ${least} to ${most}.`);
  };
}

function positive(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number > 0) return number;
  throw new InvalidArgumentError('Allowed is a number above 0.');
}

function exitCodeHelp(): string {
  const lines = Object.entries(EXIT_CODES).map(
    ([ending, { code, meaning }]) => `  ${String(code).padStart(3)}  ${ending.padEnd(11)}  ${meaning}`,
  );
  return ['Exit codes:', ...lines].join('\n');
}

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** A project of a user, outside this repository, with the packed package and nothing but what is named. */
export class PackedProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'packed-project-'));

  constructor(packages: readonly string[]) {
    if (!existsSync('dist/index.js')) throw new Error('there is nothing to pack: npm run build comes first');
    execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', this.folder], { stdio: 'pipe' });
    const tarball = readdirSync(this.folder).find((name) => name.endsWith('.tgz')) ?? '';
    const home = join(this.folder, 'node_modules/elastigroup-bluegreen');
    mkdirSync(home, { recursive: true });
    execFileSync('tar', ['-xzf', join(this.folder, tarball), '-C', home, '--strip-components=1']);
    for (const name of packages) {
      const link = join(this.folder, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(resolve('node_modules', name), link);
    }
    writeFileSync(join(this.folder, 'package.json'), '{ "private": true }\n');
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** What plain node prints when it runs the text; it rejects with what went wrong. */
  run(file: string, text: string): string {
    this.write(file, text);
    return this.exec(process.execPath, [file]);
  }

  exec(program: string, args: readonly string[]): string {
    const env: NodeJS.ProcessEnv = { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
    delete env.NODE_OPTIONS;
    try {
      return execFileSync(program, args, { cwd: this.folder, encoding: 'utf8', stdio: 'pipe', env, timeout: 120_000 });
    } catch (error) {
      const { stdout, stderr } = error as { stdout?: string; stderr?: string };
      throw new Error(`${program} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';
import { parse } from 'yaml';

/** A handler as deployed: the file to import, and the content of its zip. */
export type Bundle = { readonly name: string; readonly file: string; readonly kb: number; readonly zip_kb: number };

const BASELINES = { 'empty handler': 'bench/baselines/empty.ts', 'bare client': 'bench/baselines/bare-client.ts' };

/** The folders of `functions/` with a handler. */
export const functionNames = (): string[] =>
  readdirSync('functions').filter((name) => existsSync(`functions/${name}/handler.ts`));

export const bundleFunction = (name: string): Promise<Bundle> => bundled(name, `functions/${name}/handler.ts`);

/** The webhook without its wiring, for the benchmark's own. */
export const bundleWebhook = (): Promise<Bundle> => bundled('webhook', 'functions/webhook/webhook.ts');

/** The baselines of the comparison, bundled in the same way. */
export const bundleBaseline = (name: keyof typeof BASELINES): Promise<Bundle> => bundled(name, BASELINES[name]);

async function bundled(name: string, source: string): Promise<Bundle> {
  const outdir = mkdtempSync(join(tmpdir(), 'wechat-server-bench-'));
  process.once('exit', () => rmSync(outdir, { recursive: true }));
  const { metafile } = await build({ ...deployedOptions(), entryPoints: { handler: source }, outdir, metafile: true });
  const files = Object.keys(metafile?.outputs ?? {}).map((file) => readFileSync(file));
  return {
    name,
    file: join(outdir, 'handler.mjs'),
    kb: sum(files.map(({ length }) => length)) / 1024,
    zip_kb: sum(files.map((content) => deflateRawSync(content).length)) / 1024,
  };
}

/** Options of `custom.esbuild` that are the plugin's own. */
const PLUGINS_OWN =
  /^(exclude|output\w+|packager\w*|watch|concurrency|zipConcurrency|nativeZip|skip\w+|keepOutputDirectory)$/;

/** esbuild's options as `serverless.yml` has them. */
function deployedOptions(): BuildOptions {
  const { esbuild } = parse(readFileSync('serverless.yml', 'utf8')).custom;
  const options = Object.entries(esbuild).filter(([name]) => !PLUGINS_OWN.test(name));
  return { ...Object.fromEntries(options), outExtension: { '.js': esbuild.outputFileExtension } };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

import { parseArgs } from 'node:util';
import { runIfStarted, useRegion } from './command.ts';
import { deployedStage } from './doctor/deployed-stage.ts';
import { diagnose, lineOf } from './doctor/diagnose.ts';
import { localStage } from './doctor/local-stage.ts';
import type { Env } from './doctor/setup.ts';

export const USAGE = `npm run doctor -- --stage prod [--url https://…/webhook] [--region ap-southeast-1]

Examines a stage in order and says, a line each, what is wrong and how to mend it. --url is the address entered at
mp.weixin.qq.com, if it is not the stage's own (a domain, a proxy, a tunnel). AWS is asked with your own credentials
(AWS_PROFILE and so on); --stage local means a running npm start. Nothing is recorded, no secret is shown.`;

const OPTIONS = {
  stage: { type: 'string' },
  url: { type: 'string' },
  region: { type: 'string' },
  help: { type: 'boolean' },
} as const;

type Surroundings = {
  readonly env: Env;
  readonly print: (line: string) => void;
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
};

/** What `npm run doctor` does. Answers the exit code: 0 when nothing is wrong. */
export async function runDoctor(
  args: readonly string[],
  { env, print, fetch = globalThis.fetch, now = Date.now }: Surroundings,
): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { stage, url } = values;
  if (values.help || stage === undefined) {
    print(USAGE);
    return values.help ? 0 : 1;
  }
  const read = () =>
    stage === 'local'
      ? localStage({ url, env, fetch, now })
      : deployedStage({ stage, url, region: useRegion(env, values.region), fetch, now });
  let wrong = 0;
  for await (const diagnosis of diagnose(read)) {
    print(lineOf(diagnosis));
    if (diagnosis.found === 'wrong') wrong += 1;
  }
  print(wrong === 0 ? 'Nothing is wrong.' : `${wrong} wrong.`);
  return wrong === 0 ? 0 : 1;
}

runIfStarted(import.meta.url, (args) => runDoctor(args, { env: process.env, print: console.log }));

import { command, required, runIfStarted, STAGE_OPTIONS, type Terminal, useRegion } from './command.ts';
import { deployedStage } from './doctor/deployed-stage.ts';
import { diagnose, lineOf } from './doctor/diagnose.ts';
import { localStage } from './doctor/local-stage.ts';

const USAGE = `npm run doctor -- --stage prod [--url https://…/webhook] [--region ap-southeast-1]

Checks a stage and prints, a line each, what is wrong and how to fix it. --url is the address entered at
mp.weixin.qq.com, if it is not the stage's own (a domain, a proxy, a tunnel). AWS is asked with your own credentials
(AWS_PROFILE and so on); --stage local means a running npm start. Nothing is recorded, no secret is shown.`;

type Examining = Terminal & { readonly fetch?: typeof fetch; readonly now?: () => number };

/** Runs `npm run doctor`. Exit code 1 if something is wrong. */
export const runDoctor = command(
  { usage: USAGE, options: { ...STAGE_OPTIONS, url: { type: 'string' } } },
  async ({ values }, { env, print, fetch = globalThis.fetch, now = Date.now }: Examining) => {
    const { url } = values;
    const stage = required(values.stage, '--stage');
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
  },
);

runIfStarted(import.meta.url, (args) => runDoctor(args, { env: process.env, print: console.log }));

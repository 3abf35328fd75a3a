import type { Failure } from '../../lib/tables/credentials.ts';
import { meaningOf } from '../../lib/wechat/api/errcodes.ts';
import type { FetchedToken, TokenEndpoint } from '../../lib/wechat/api/token.ts';
import { type Finding, right, type Setup, wrong } from './setup.ts';

/** `broken`: the function itself did not answer. */
type Answered = FetchedToken | { readonly error: Failure } | { readonly broken: string };

const ALLOW_LIST = 'mp.weixin.qq.com → 设置与开发 → 基本配置 → IP白名单';

/**
 * Whether the access-token function gets a token. It keeps one for two hours, in which a wrong AppSecret would not show;
 * so the kept one is called refused and WeChat is asked, too. `stable_token` then hands out the same again; of the other
 * endpoint, which would make a new one, the kept token has to do.
 */
export async function checkAccessToken(setup: Setup): Promise<Finding> {
  const kept = await askFunction(setup, {});
  if (!('token' in kept)) return noToken(setup, kept);
  if (endpointOf(setup) === 'token') return right(`kept, ${minutesLeft(kept, setup)} minutes left`);
  const now = await askFunction(setup, { refused: kept.token });
  return 'token' in now ? right(`WeChat hands it out, ${minutesLeft(now, setup)} minutes left`) : noToken(setup, now);
}

/** The account's token as the access-token function keeps it. */
export async function keptToken(setup: Setup): Promise<string> {
  const kept = await askFunction(setup, {});
  if ('token' in kept) return kept.token;
  throw new Error('there is no access_token any more');
}

const endpointOf = ({ env }: Setup): TokenEndpoint =>
  env.WECHAT_TOKEN_ENDPOINT?.trim() === 'token' ? 'token' : 'stable_token';

const minutesLeft = ({ expires_at }: FetchedToken, { now }: Setup): number => Math.round((expires_at - now()) / 60_000);

async function askFunction({ invoke, accessTokenFunction }: Setup, asked: { refused?: string }): Promise<Answered> {
  try {
    const { FunctionError, Payload } = await invoke({
      FunctionName: accessTokenFunction,
      Payload: JSON.stringify(asked),
    });
    const answer = JSON.parse(Payload?.transformToString() ?? '{}');
    if (FunctionError === undefined && (answer.token !== undefined || answer.error !== undefined)) return answer;
    return { broken: configurationError(answer) ?? `it ended with ${FunctionError ?? 'no token'}` };
  } catch (error) {
    return { broken: `it could not be invoked (${(error as Error).name})` };
  }
}

/** Of what a function throws, only our own words about its configuration, which hold no value. */
function configurationError({ errorMessage }: { errorMessage?: unknown }): string | undefined {
  return typeof errorMessage === 'string' && errorMessage.startsWith('Configuration: ') ? errorMessage : undefined;
}

async function noToken(setup: Setup, answered: Exclude<Answered, FetchedToken>): Promise<Finding> {
  if ('broken' in answered) return broken(setup, answered.broken);
  const { reason, errcode, errmsg, detail = '' } = answered.error;
  if (reason !== 'refused') return wrong(`${errmsg}. ${detail}`, mendReach(setup));
  const { en, zh } = meaningOf(errcode);
  if (errcode === 40164) return notAllowed(setup, errmsg);
  return wrong(
    `WeChat refuses: ${errcode} ${en} ${zh}`,
    `${detail} (WeChat's word stands for a minute: then ask again)`,
  );
}

async function notAllowed(setup: Setup, errmsg: string): Promise<Finding> {
  const { en, zh } = meaningOf(40164);
  const [, seen] = /invalid ip ([0-9a-f.:]+)/i.exec(errmsg) ?? [];
  const what = `WeChat refuses: 40164 ${en} ${zh}; WeChat saw ${seen ?? 'an address it does not name'}; ours: ${await setup.ourAddress()}`;
  return wrong(what, `enter ${seen ?? 'it'} at ${ALLOW_LIST}, wait a minute, ask again`);
}

const broken = ({ stage, accessTokenFunction }: Setup, why: string): Finding =>
  wrong(
    `the function ${accessTokenFunction} hands out no token: ${why}`,
    stage === 'local' ? 'see the terminal of npm start' : 'see its log; you need lambda:InvokeFunction for it',
  );

const mendReach = ({ stage }: Setup): string =>
  stage === 'local'
    ? 'see that this computer reaches it, and WECHAT_API_ORIGIN'
    : 'see that its subnets have a NAT gateway, or its proxy works, and WECHAT_API_ORIGIN';

import type { Failure } from '../../lib/tables/credentials.ts';
import { meaningOf } from '../../lib/wechat/api/errcodes.ts';
import type { FetchedToken, TokenEndpoint } from '../../lib/wechat/api/token.ts';
import { type Finding, right, type Setup, wrong } from './setup.ts';

/** The function's result; `broken` if the function itself failed. */
type TokenResult = FetchedToken | { readonly error: Failure } | { readonly broken: string };

const ALLOW_LIST = 'mp.weixin.qq.com → 设置与开发 → 基本配置 → IP白名单';

/**
 * Checks that the access-token function gets a token. It stores one for two hours, in which a wrong AppSecret is not
 * noticed; so the stored one is reported as refused, and WeChat is called, too. `stable_token` then returns the same
 * token; the other endpoint would issue a new one, so there the stored token must do.
 */
export async function checkAccessToken(setup: Setup): Promise<Finding> {
  const stored = await invokeFunction(setup, {});
  if (!('token' in stored)) return noToken(setup, stored);
  if (endpointOf(setup) === 'token') return right(`stored, ${minutesLeft(stored, setup)} minutes left`);
  const now = await invokeFunction(setup, { refused: stored.token });
  return 'token' in now ? right(`WeChat issues it, ${minutesLeft(now, setup)} minutes left`) : noToken(setup, now);
}

/** The account's token from the access-token function. */
export async function currentToken(setup: Setup): Promise<string> {
  const stored = await invokeFunction(setup, {});
  if ('token' in stored) return stored.token;
  throw new Error('there is no access_token any more');
}

const endpointOf = ({ env }: Setup): TokenEndpoint =>
  env.WECHAT_TOKEN_ENDPOINT?.trim() === 'token' ? 'token' : 'stable_token';

const minutesLeft = ({ expires_at }: FetchedToken, { now }: Setup): number => Math.round((expires_at - now()) / 60_000);

async function invokeFunction(
  { invoke, accessTokenFunction }: Setup,
  request: { refused?: string },
): Promise<TokenResult> {
  try {
    const { FunctionError, Payload } = await invoke({
      FunctionName: accessTokenFunction,
      Payload: JSON.stringify(request),
    });
    const result = JSON.parse(Payload?.transformToString() ?? '{}');
    if (FunctionError === undefined && (result.token !== undefined || result.error !== undefined)) return result;
    return { broken: configurationError(result) ?? `it ended with ${FunctionError ?? 'no token'}` };
  } catch (error) {
    return { broken: `it could not be invoked (${(error as Error).name})` };
  }
}

/** The message of a configuration error, which holds no value; other errors of the function are not printed. */
function configurationError({ errorMessage }: { errorMessage?: unknown }): string | undefined {
  return typeof errorMessage === 'string' && errorMessage.startsWith('Configuration: ') ? errorMessage : undefined;
}

async function noToken(setup: Setup, failure: Exclude<TokenResult, FetchedToken>): Promise<Finding> {
  if ('broken' in failure) return broken(setup, failure.broken);
  const { reason, errcode, errmsg, detail = '' } = failure.error;
  if (reason !== 'refused') return wrong(`${errmsg}. ${detail}`, fixForNetwork(setup));
  const { en, zh } = meaningOf(errcode);
  if (errcode === 40164) return notAllowed(setup, errmsg);
  return wrong(
    `WeChat refuses: ${errcode} ${en} ${zh}`,
    `${detail} (the refusal is remembered for a minute; then try again)`,
  );
}

async function notAllowed(setup: Setup, errmsg: string): Promise<Finding> {
  const { en, zh } = meaningOf(40164);
  const [, seen] = /invalid ip ([0-9a-f.:]+)/i.exec(errmsg) ?? [];
  const what = `WeChat refuses: 40164 ${en} ${zh}; WeChat saw ${seen ?? 'an address it does not name'}; ours: ${await setup.ourAddress()}`;
  return wrong(what, `enter ${seen ?? 'it'} at ${ALLOW_LIST}, wait a minute, try again`);
}

const broken = ({ stage, accessTokenFunction }: Setup, why: string): Finding =>
  wrong(
    `the function ${accessTokenFunction} returns no token: ${why}`,
    stage === 'local' ? 'see the terminal of npm start' : 'see its log; you need lambda:InvokeFunction for it',
  );

const fixForNetwork = ({ stage }: Setup): string =>
  stage === 'local'
    ? 'see that this computer reaches it, and WECHAT_API_ORIGIN'
    : 'see that its subnets have a NAT gateway, or its proxy works, and WECHAT_API_ORIGIN';

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emulated } from '../../lib/aws/endpoint.ts';
import { localDatabase, readSettings } from '../../local/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'wechat-server-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;
const secretsIn = (data: string) => JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8'));

describe('the data folder', () => {
  it('is closed to other users of the computer when it is made', () => {
    const data = join(folder, 'made', 'now');
    readSettings({ LOCAL_DATA_DIR: data });
    expect(modeOf(data)).toBe(0o700);
    expect(modeOf(join(data, 'secrets.json'))).toBe(0o600);
  });

  it('is closed when it was there, open to all', () => {
    const data = join(folder, 'there');
    mkdirSync(data, { mode: 0o755 });
    readSettings({ LOCAL_DATA_DIR: data });
    expect(modeOf(data)).toBe(0o700);
  });

  it('keeps its secrets from start to start, and gets those that it lacks', () => {
    const data = join(folder, 'older');
    mkdirSync(data);
    const older = { session_secret: 'a secret of an older version, long enough', admin_password: 'the old password' };
    writeFileSync(join(data, 'secrets.json'), JSON.stringify(older));
    const { adminPassword, showsPassword, accessKey } = readSettings({ LOCAL_DATA_DIR: data });
    expect([adminPassword, showsPassword]).toEqual([older.admin_password, false]);
    expect(secretsIn(data)).toEqual({ ...older, ...secretsIn(data), access_key: accessKey });
    expect(readSettings({ LOCAL_DATA_DIR: data }).accessKey).toBe(accessKey);
    expect(accessKey).toMatch(/^[0-9a-f]{48}$/);
  });
});

describe('the access key', () => {
  it('is another in every folder, and is told to the functions and the commands alone', () => {
    const [one, other] = ['one', 'other'].map((name) =>
      readSettings({ LOCAL_DATA_DIR: join(folder, name), PORT: '4100' }),
    );
    expect(one?.accessKey).not.toBe(other?.accessKey);
    const { DYNAMODB_ENDPOINT, LAMBDA_ENDPOINT } = one?.variables ?? {};
    expect(emulated(DYNAMODB_ENDPOINT)).toMatchObject({
      endpoint: 'http://127.0.0.1:4102',
      credentials: { accessKeyId: one?.accessKey },
    });
    expect(emulated(LAMBDA_ENDPOINT)).toMatchObject({ endpoint: 'http://127.0.0.1:4103' });
    expect(localDatabase({ LOCAL_DATA_DIR: join(folder, 'one'), PORT: '4100' })).toBe(DYNAMODB_ENDPOINT);
  });

  it('is asked of nobody whose database is another', () => {
    const env = { LOCAL_DATA_DIR: join(folder, 'one'), DYNAMODB_ENDPOINT: 'http://localhost:8000' };
    expect(localDatabase(env)).toBe('http://localhost:8000');
    expect(emulated(readSettings(env).variables.DYNAMODB_ENDPOINT)).toMatchObject({
      credentials: { accessKeyId: 'local' },
    });
    const keyed = { ...env, DYNAMODB_ENDPOINT: 'http://some-key@localhost:8000/' };
    expect(emulated(localDatabase(keyed))).toMatchObject({
      endpoint: 'http://localhost:8000',
      credentials: { accessKeyId: 'some-key' },
    });
  });

  it('is missing where npm start has never run', () => {
    const nowhere = join(folder, 'nowhere');
    expect(() => localDatabase({ LOCAL_DATA_DIR: nowhere })).toThrow(
      `there is no access_key in ${nowhere}/secrets.json`,
    );
  });

  it('is needed by nothing on AWS', () => {
    expect(emulated(undefined)).toEqual({});
    expect(emulated('')).toEqual({});
  });
});

describe('PUBLIC_HOST', () => {
  const publicHost = (PUBLIC_HOST: string) => readSettings({ LOCAL_DATA_DIR: folder, PUBLIC_HOST }).publicHost;

  it('is the name of a host', () => {
    expect(publicHost('abc.trycloudflare.com')).toBe('abc.trycloudflare.com');
    expect(publicHost('')).toBeUndefined();
  });

  it.each(['https://abc.example', 'abc.example/', 'abc.example:443', '*', 'a b'])('is nothing else: %s', (given) => {
    expect(() => publicHost(given)).toThrow('PUBLIC_HOST must be the name of a host');
  });
});

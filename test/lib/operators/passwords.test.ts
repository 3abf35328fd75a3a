import { COMMON_PASSWORDS } from '../../../lib/operators/common-passwords.ts';
import { checkNewPassword, hashing } from '../../../lib/operators/passwords.ts';

const quick = hashing({ cost: 4 });

describe('a hash', () => {
  it('is matched by its password and by no other', async () => {
    const hash = await quick.hash('correct horse battery');

    expect(await quick.matches('correct horse battery', hash)).toBe(true);
    expect(await quick.matches('correct horse batterz', hash)).toBe(false);
    expect(await quick.matches('', hash)).toBe(false);
  });

  it('says how it was made and is never the same twice', async () => {
    const [one, other] = await Promise.all([quick.hash('same'), quick.hash('same')]);

    expect(one).toMatch(/^scrypt\$4\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(other);
  });

  it('is made with the parameters that OWASP recommends, and still matched after they change', async () => {
    const hash = await hashing().hash('correct horse battery');

    expect(hash).toMatch(/^scrypt\$17\$8\$1\$/);
    expect(await quick.matches('correct horse battery', hash)).toBe(true);
  });

  // scrypt, N = 16, r = 8, p = 1, computed with Python's hashlib.scrypt(b'password', salt=bytes(range(16)), dklen=32).
  it('is the scrypt of other implementations', async () => {
    const hash = `scrypt$4$8$1$${Buffer.from(Array.from({ length: 16 }, (_, at) => at)).toString('base64url')}$SifLA7K0t5yM6JUFWSfwEu2b21TUGoi7m1p3x7fgMoI`;

    expect(await quick.matches('password', hash)).toBe(true);
  });

  it('knows a password however its characters were composed', async () => {
    const hash = await quick.hash('Müller-Straße'.normalize('NFD'));

    expect(await quick.matches('Müller-Straße'.normalize('NFC'), hash)).toBe(true);
  });

  it('that is missing is matched by nothing', async () => {
    expect(await quick.matches('anything at all', undefined)).toBe(false);
  });

  it('that is damaged is an error, not a wrong password', async () => {
    await expect(quick.matches('anything', 'scrypt$4$8$1$short')).rejects.toThrow(
      'a stored password is not in the form',
    );
  });
});

describe('a new password', () => {
  it.each([
    ['123456789', 'must have at least 10 characters'],
    ['密码密码密码密码密', 'must have at least 10 characters'],
    ['😀😀😀😀😀😀😀😀😀', 'must have at least 10 characters'],
    [`${'\u0301'.repeat(500_000)}${'\u0316'.repeat(500_000)}`, 'must have at most 256 characters'],
    ['x'.repeat(257), 'must have at most 256 characters'],
    ['woaini1314', 'is among the most common passwords'],
    ['1QAZ2wsx3EDC', 'is among the most common passwords'],
    ['qwertyuiop', 'is among the most common passwords'],
    ['１２３４５６７８９０', 'is among the most common passwords'],
    ['Li.Xiaoming', 'must not be the username'],
  ])('%j %s', (password, fault) => {
    expect(checkNewPassword(password, 'li.xiaoming')).toMatchObject({ ok: false, message: fault });
  });

  it.each(['correct horse', '春眠不觉晓，处处闻啼鸟', 'k7#pQz!m2x', 'li.xiaoming1'])('%j will do', (password) => {
    expect(checkNewPassword(password, 'li.xiaoming')).toEqual({ ok: true });
  });
});

describe('the common passwords', () => {
  it('are such as the length alone would let pass', () => {
    expect(COMMON_PASSWORDS.size).toBeGreaterThan(100);
    for (const password of COMMON_PASSWORDS) {
      expect(password).toBe(password.normalize('NFKC').toLowerCase());
      expect(password.length).toBeGreaterThanOrEqual(10);
    }
  });
});

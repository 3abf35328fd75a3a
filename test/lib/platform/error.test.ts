import { AppError, codeOf, hasCode } from '../../../lib/platform/error.ts';
import { log } from '../../../lib/platform/log.ts';
import { linesLogged } from '../../support/logged.ts';

class TooHot extends AppError<'TOO_HOT'> {
  override readonly name = 'TooHot';
}

describe('an error', () => {
  const error = new TooHot('TOO_HOT', 'it is 40 °C', { status: 409, hint: 'open a window', cause: new Error('July') });

  it('is known by its code', () => {
    expect(error).toMatchObject({ name: 'TooHot', status: 409, cause: { message: 'July' } });
    expect(codeOf(error)).toBe('TOO_HOT');
    expect([hasCode(error, 'TOO_COLD', 'TOO_HOT'), hasCode(error, 'TOO_COLD')]).toEqual([true, false]);
  });

  it.each([new Error('x'), Object.assign(new Error('x'), { code: 'TOO_HOT' }), { code: 'TOO_HOT' }, 'TOO_HOT', null])(
    'has a code only if it is ours: %p has none',
    (thrown) => {
      expect([codeOf(thrown), hasCode(thrown, 'TOO_HOT')]).toEqual([undefined, false]);
    },
  );

  it('is logged with its code, its hint and its causes', () => {
    const logged = linesLogged('ERROR');
    log.error('a fault', { error: new Error('outer', { cause: error }) });
    const lines = logged();
    expect(lines).toMatchObject([
      {
        error: {
          name: 'Error',
          cause: { name: 'TooHot', code: 'TOO_HOT', hint: 'open a window', cause: { message: 'July' } },
        },
      },
    ]);
    expect(lines[0]).not.toHaveProperty('error.code');
  });
});

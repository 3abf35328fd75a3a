const issue = {
  path: expect.any(String),
  code: expect.stringMatching(/^[a-z_]+$/),
  message: expect.stringMatching(/\S/),
};

/** The body of a 400. */
export const refusedInput = (detail: unknown) => ({
  errcode: -1,
  errmsg: '参数缺失或参数错误',
  detail,
  issues: expect.arrayContaining([issue]),
});

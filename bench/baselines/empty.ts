/** The least a Lambda can be. */
export const handler = async (): Promise<object> => ({ statusCode: 200 });

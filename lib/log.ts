import { Logger } from '@aws-lambda-powertools/logger';

/**
 * JSON lines for CloudWatch. Codes, ids and counts only: no token, secret, signature or query string, no text of a
 * message. Level by `POWERTOOLS_LOG_LEVEL` (default INFO).
 */
export const log = new Logger({ serviceName: 'wechat-server' });

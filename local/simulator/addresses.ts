import type { Apis } from './call.ts';

/** WeChat's outgoing addresses and API addresses, from the ranges for documentation (RFC 5737). */
export const addressApis: Apis = {
  'GET /cgi-bin/getcallbackip': () => ({ ip_list: ['192.0.2.10', '192.0.2.11', '198.51.100.0/24'] }),
  'GET /cgi-bin/get_api_domain_ip': () => ({ ip_list: ['203.0.113.20', '203.0.113.21'] }),
};

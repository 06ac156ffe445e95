// An OAuth 2.0 authorization server (oidc-provider) that rotates refresh tokens and revokes a login on reuse.
// node authorization_server.mjs PATH_OF_OIDC_PROVIDER PORT; prints a line for what happens to tokens.
import { pathToFileURL } from 'node:url';

const [module, port] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(module).href);
const client = {
  client_id: 'fleet',
  token_endpoint_auth_method: 'none',
  application_type: 'native',
  redirect_uris: ['http://127.0.0.1:9/back'],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
};
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client],
  scopes: ['openid', 'offline_access'],
  ttl: { AccessToken: 120, RefreshToken: 3600, Grant: 3600, Session: 3600, Interaction: 600, AuthorizationCode: 60, IdToken: 60 },
  rotateRefreshToken: true,
  issueRefreshToken: async () => true,
  features: { devInteractions: { enabled: true } },
  findAccount: async (_, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  cookies: { keys: ['made up'] },
});
provider.on('refresh_token.consumed', () => console.log('rotated'));
provider.on('grant.revoked', () => console.log('revoked'));
provider.listen(Number(port), '127.0.0.1', () => console.log('listening'));

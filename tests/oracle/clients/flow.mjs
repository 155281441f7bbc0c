// What a user of the JavaScript clients does with them, from a new source to reading the logs.
// Prints one JSON object: what each step returned. A step that throws ends it with exit status 1.
import {createRequire} from 'node:module';
import {deflateSync} from 'node:zlib';
import {setTimeout as wait} from 'node:timers/promises';

const require = createRequire(`${process.env.ORACLE_PACKAGES}/package.json`);
const push = require('@coveo/push-api-client');
const {PlatformClient} = require('@coveo/platform-client');

const {key, organization, source, secured, catalog, provider} = JSON.parse(process.argv[2]);
const EMAIL = 'Email Security Provider';
const noFields = {createFields: false};
const said = {};

const step = async (name, call) => {
  const result = await call();
  said[name] = typeof result?.status === 'number' && result.headers ? result.status : result ?? null;
  return result;
};
const doc = (id, text) => new push.DocumentBuilder(`https://kb/${id}`, id).withData(text);
const who = (name, type) => ({name, type, additionalInfo: {}});
const group = (name, ...members) => ({
  identity: who(name, 'GROUP'), members: members.map((each) => who(each, 'USER')), wellKnowns: [],
});

const items = new push.PushSource(key, organization);
const platform = new PlatformClient({accessToken: key, organizationId: organization});

async function purge() {
  await step('create', () => items.create('made by javascript', 'SECURED'));
  await step('stale item', () => items.addOrUpdateDocument(source, doc('stale', 'x'), noFields));
  await step('stale identity', () => items.identity.createSecurityIdentity(provider, group('stale')));
  await wait(30);
  const boundary = Date.now();
  await wait(30);
  await step('items older', () => items.deleteDocumentsOlderThan(source, boundary));
  await step('identities older', () => items.identity.deleteOldSecurityIdentities(
    provider, {orderingId: boundary, queueDelay: 0}));
}

async function pushItems() {
  await step('rebuild', () => items.setSourceStatus(source, 'REBUILD'));
  const sales = new push.GroupSecurityIdentityBuilder('sales', provider);
  const one = doc('one', 'first')
    .withMetadataValue('oracle_price', 12)
    .withPermissionSet(new push.PermissionSetBuilder(false).withAllowedPermissions(sales));
  await step('item', () => items.addOrUpdateDocument(secured, one));
  for (const id of ['gone', 'gone/child', 'old', 'old/child']) {
    await step(`item ${id}`, () => items.addOrUpdateDocument(source, doc(id, 'x'), noFields));
  }
  await step('delete', () => items.deleteDocument(source, 'https://kb/gone', true));
  const packed = new push.DocumentBuilder('https://kb/packed', 'packed')
    .withCompressedBinaryData(deflateSync('packed text').toString('base64'), 'ZLIB');
  await step('batch', () => items.batchUpdateDocuments(source, {
    addOrUpdate: [packed, doc('plain', 'text')],
    delete: [{documentId: 'https://kb/old', deleteChildren: false}],
  }));
  await step('idle', () => items.setSourceStatus(source, 'IDLE'));
}

async function pushIdentities() {
  await step('identity', () => items.identity.createSecurityIdentity(provider, group('sales', 'dora')));
  await step('mapping', () => items.identity.createOrUpdateSecurityIdentityAlias(provider, {
    identity: who('dora', 'USER'), wellKnowns: [],
    mappings: [{...who('dora@example.com', 'USER'), provider: EMAIL}],
  }));
  await step('left', () => items.identity.createSecurityIdentity(provider, group('left')));
  await step('delete identity', () =>
    items.identity.deleteSecurityIdentity(provider, {identity: who('left', 'GROUP')}));
  const container = await step('container', () => platform.pushApi.createFileContainer());
  // The clients have no upload for identities: their documentation leaves it to the user.
  await fetch(container.uploadUri, {
    method: 'PUT', headers: container.requiredHeaders,
    body: JSON.stringify({members: [group('support', 'egon')], mappings: [], deleted: []}),
  });
  await step('identity batch', () =>
    items.identity.manageSecurityIdentities(provider, {fileId: container.fileId, orderingId: Date.now()}));
}

async function pushCatalog() {
  const products = new push.CatalogSource(key, organization);
  await step('stream', () => products.batchStreamDocuments(
    catalog, {addOrUpdate: [doc('bike', 'red')], delete: []}, noFields));
  await step('stream update', () => products.batchUpdateDocuments(
    catalog, {addOrUpdate: [doc('bell', 'loud')], delete: []}, noFields));
}

async function look() {
  await step('refresh', () => platform.securityCache.refreshProvider(provider));
  await step('refresh one', () =>
    platform.securityCache.refreshIdentity({name: 'sales', type: 'GROUP', provider}));
  await step('entities', () => platform.securityCache.listEntities(provider));
  await step('members', () => platform.securityCache.listMembers(provider));
  await step('children', () => platform.securityCache.listChildren(provider, who('sales', 'GROUP')));
  await step('parents', () => platform.securityCache.listParents(provider, who('dora', 'USER')));
  await step('providers', () => platform.securityCache.listProviders());
  await step('source', () => platform.source.get(source));
  await step('limits', () => platform.limits.getAll());
  await step('fields', () => platform.field.list({page: 0, perPage: 1000}));
  const span = {
    from: new Date(Date.now() - 3_600_000).toISOString(), to: new Date(Date.now() + 1000).toISOString(),
  };
  await step('logs', () => platform.logs.get({...span, page: 0, perPage: 100}, {sourceIds: [secured]}));
  await step('facets', () => platform.logs.getFacetsStats(span, {sourceIds: [secured]}));
}

await purge();
await pushIdentities();
await pushItems();
await pushCatalog();
await look();
console.log(JSON.stringify(said));

// Loaded before the clients (`node --import`): sends what is meant for Coveo's hosts to the
// emulator. Nothing else of a request changes, and no file of a package is touched.
const emulator = new URL(process.env.ORACLE_URL);
const original = globalThis.fetch;

globalThis.fetch = (address, options) => {
  const url = new URL(address);
  if (url.hostname.endsWith('.coveo.com')) {
    url.protocol = emulator.protocol;
    url.host = emulator.host;
  } else if (url.host !== emulator.host) {
    throw new Error(`a request to a host that nobody expects: ${url.host}`);
  }
  return original(url, options);
};

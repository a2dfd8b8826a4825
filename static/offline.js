// Keeps the page's own files, so that it opens without a network. What is there is asked of the server first: an open
// page is always the newest that can be had. Nothing of the runner's interface is kept.
const files = "FILES".split(" ");
const cache = "voxtune-VERSION";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(cache).then((kept) => kept.addAll(files)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("voxtune-") && name !== cache);
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  const scope = new URL(self.registration.scope).pathname;
  const own = files.some((file) => path === scope + file.replace(/^\.\//, ""));
  if (request.method !== "GET" || !own) return;
  event.respondWith(fetch(request).catch(() => caches.match(request, { ignoreSearch: true, cacheName: cache }).then((kept) => kept ?? Response.error())));
});

// Keeps the page's own files, so that it opens without a network. What is there is asked of the server first: an open
// page is always the newest that can be had. Nothing of the runner's interface is kept.
//
// It also says of the page and its workers what a server may not be able to say: that they are a world of their own, in
// which threads may share memory. So the processor trains on all cores from the second time on that the page is opened.
const files = "FILES".split(" ");
const cache = "voxtune-VERSION";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(cache).then((kept) => kept.addAll(files)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name.startsWith("voxtune-") && name !== cache);
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

const APART = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
// Only whole answers: redirections and the like go to the browser as they came.
const apart = (response) => {
  if (response.type !== "basic" || !response.ok) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(APART)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  const scope = new URL(self.registration.scope).pathname;
  const own = files.some((file) => path === scope + file.replace(/^\.\//, ""));
  // The engine is not kept, and its workers are part of that world.
  const engine = path.startsWith(`${scope}engine/`) && request.destination === "worker";
  if (request.method !== "GET" || !(own || engine)) return;
  const kept = () => caches.match(request, { ignoreSearch: true, cacheName: cache }).then((kept) => kept ?? Response.error());
  const answer = fetch(request).catch(kept);
  const isPart = request.mode === "navigate" || request.destination === "worker";
  event.respondWith(isPart ? answer.then(apart) : answer);
});

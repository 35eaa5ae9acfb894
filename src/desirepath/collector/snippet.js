(function (w, d) {
  var s = d.currentScript, a = s.dataset, u = new URL(s.src).origin, k = a.key, n = null, id = null, q = [];
  function r() { return (w.crypto && crypto.randomUUID) ? crypto.randomUUID() : Date.now().toString(36) + Math.random().toString(36).slice(2); }
  function keep() {
    var m = a.keep;
    try {
      if (m === "session") { n = sessionStorage.dp || (sessionStorage.dp = r()); return; }
      if (m === "cookie") {
        n = (d.cookie.match(/(?:^|; )dp=([^;]+)/) || [])[1] || r();
        d.cookie = "dp=" + n + ";path=/;max-age=31536000;samesite=lax" + (location.protocol === "https:" ? ";secure" : "");
        return;
      }
    } catch (e) {}
    n = n || r();
  }
  function send() {
    if (!q.length) return;
    var b = JSON.stringify({ writeKey: k, batch: q.splice(0, 100), sentAt: new Date().toISOString() });
    var go = function (left) {
      fetch(u + "/v1/batch", { method: "POST", body: b, keepalive: b.length < 60000, credentials: "omit" })
        .then(function (x) { if (x.status === 429 || x.status >= 500) throw x; })
        .catch(function () { if (left) setTimeout(function () { go(left - 1); }, 2000 * (6 - left)); });
    };
    go(5);
  }
  function add(type, more) {
    var m = { type: type, messageId: r(), anonymousId: n, originalTimestamp: new Date().toISOString(),
      context: { library: { name: "desirepath.js" }, locale: navigator.language,
        page: { url: clean(location.href), title: d.title, referrer: clean(d.referrer) } } };
    var p = new URLSearchParams(location.search), c = {};
    ["source", "medium", "name"].forEach(function (x) { var v = p.get("utm_" + (x === "name" ? "campaign" : x)); if (v) c[x] = v; });
    if (Object.keys(c).length) m.context.campaign = c;
    if (id) m.userId = id;
    for (var x in more) m[x] = more[x];
    q.push(m);
    clearTimeout(add.t);
    add.t = setTimeout(send, 300);
  }
  function clean(h) {
    if (!h) return h;
    try {
      var l = new URL(h), z = new URLSearchParams();
      (a.params || "").split(",").concat(["utm_source", "utm_medium", "utm_campaign"]).forEach(function (x) { if (x && l.searchParams.has(x)) z.set(x, l.searchParams.get(x)); });
      return l.origin + l.pathname + (z.toString() ? "?" + z : "");
    } catch (e) { return ""; }
  }
  function name(e) {
    return e.getAttribute("data-track") || e.getAttribute("aria-label") || e.id || e.name ||
      (e.innerText || e.value || "").trim().replace(/\s+/g, " ").slice(0, 40) || e.tagName.toLowerCase();
  }
  var last;
  function page() { if (last !== location.pathname) { last = location.pathname; add("page", { properties: {} }); } }
  keep();
  d.addEventListener("click", function (e) {
    var t = e.target.closest && e.target.closest("[data-track],a,button,[role=button],input[type=submit]");
    if (t) add("track", { event: "click " + name(t), properties: { element: t.tagName.toLowerCase(), target: clean(t.href) || undefined } });
  }, true);
  w.addEventListener("error", function (e) {
    if (e.message) add("track", { event: "error", properties: { text: String(e.message).slice(0, 200), at: clean(e.filename || "") + ":" + (e.lineno || 0) } });
  });
  ["pushState", "replaceState"].forEach(function (f) {
    var o = history[f];
    history[f] = function () { var x = o.apply(this, arguments); setTimeout(page, 0); return x; };
  });
  w.addEventListener("popstate", page);
  d.addEventListener("visibilitychange", function () { if (d.visibilityState === "hidden") send(); });
  w.desirepath = {
    track: function (e, p) { add("track", { event: e, properties: p || {} }); },
    identify: function (i, t) { id = i; add("identify", { traits: t || {} }); },
    page: function (p) { add("page", { properties: p || {} }); },
    keep: function (m) { a.keep = m; keep(); },
    flush: send
  };
  page();
})(window, document);

(() => {
  // When did what the page shows change? Looked at before each paint; times count from the load, or from the last click.
  const nothing = { begun: null, told: null, preview: null, drawn: null, main: null, done: null };
  const seen = { from: 0, ...nothing };
  window.seenOfPage = seen;
  let picture = null;
  const again = (from) => {
    picture = null;
    Object.assign(seen, { from, ...nothing });
  };
  addEventListener('click', (event) => again(event.timeStamp), true);
  let was = true;
  const look = () => {
    const now = performance.now() - seen.from;
    const has = (what) => document.querySelector(what) !== null;
    const waits = has('.skel, .wait, [aria-busy=true]') || !has('main :is(h1, h2)');
    if (waits) seen.begun ??= now;
    if (has('.wait')) seen.told ??= now;
    if (has('.wait .partial')) seen.preview ??= now;
    if (has('main h1') && has('main .answer :is(svg, table, ul, ol, .num)')) seen.drawn ??= now;
    // the view's first picture is of what is asked now, whatever still comes beside it
    picture ??= document.querySelector('main .shown[aria-busy=true]');
    if (picture && picture.getAttribute('aria-busy') !== 'true') seen.main ??= now;
    if (!waits && (was || seen.done === null)) seen.done = now;
    was = waits;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);

  // From the pointer's event until the frame after it has been handed over for painting.
  const channel = new MessageChannel();
  window.paintsAfter = [];
  let pending = null;
  channel.port1.onmessage = () => {
    if (pending !== null) window.paintsAfter.push(performance.now() - pending);
    pending = null;
  };
  addEventListener('pointermove', (event) => {
    if (pending !== null) return;
    pending = event.timeStamp;
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }, true);
})();

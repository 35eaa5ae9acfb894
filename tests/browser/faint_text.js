() => {
  // Text in pictures whose contrast against what is painted below it is less than WCAG asks for.
  const pot = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (colour, alpha = 1) => {
    pot.clearRect(0, 0, 1, 1);
    pot.globalAlpha = alpha;
    pot.fillStyle = colour;
    pot.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pot.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, low) => [0, 1, 2].map((i) => top[i] * top[3] + low[i] * (1 - top[3])).concat(1);
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = (c) => 0.2126 * linear(c[0] / 255) + 0.7152 * linear(c[1] / 255) + 0.0722 * linear(c[2] / 255);
  const ratio = (a, b) => {
    const [high, low] = [light(a), light(b)].sort((p, q) => q - p);
    return (high + 0.05) / (low + 0.05);
  };
  const faded = (element) => {
    let left = 1;
    for (let e = element; e; e = e.parentElement) left *= Number(getComputedStyle(e).opacity);
    return left;
  };
  const paint = (element) => {
    const style = getComputedStyle(element);
    if (!(element instanceof SVGElement) || element instanceof SVGSVGElement) return rgba(style.backgroundColor);
    const bare = element instanceof SVGTextContentElement || style.fill === 'none' || style.fill.startsWith('url');
    return bare ? [0, 0, 0, 0] : rgba(style.fill, Number(style.fillOpacity) * faded(element));
  };

  // elementsFromPoint passes over what the pointer passes over
  const felt = new CSSStyleSheet();
  felt.replaceSync('main svg * { pointer-events: fill !important }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, felt];
  const faint = [];
  for (const text of document.querySelectorAll('main svg text')) {
    const style = getComputedStyle(text);
    const size = Number.parseFloat(style.fontSize);
    if (!text.getBoundingClientRect().width || style.visibility === 'hidden' || !text.textContent.trim()) continue;
    if (faded(text) < 0.05) continue;
    text.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    const box = text.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) continue;
    let under = rgba('Canvas');
    const below = document.elementsFromPoint(x, y).filter((element) => !text.contains(element));
    for (const element of below.reverse()) {
      const painted = paint(element);
      if (painted[3]) under = over(painted, under);
    }
    // a halo lies between the text and what is below
    if (style.paintOrder.startsWith('stroke') && style.stroke !== 'none' && Number.parseFloat(style.strokeWidth) >= 2)
      under = over(rgba(style.stroke, Number(style.strokeOpacity)), under);
    const shown = over(rgba(style.fill, Number(style.fillOpacity) * faded(text)), under);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const has = ratio(shown, under);
    const named = (colour) => colour.slice(0, 3).map(Math.round).join(' ');
    if (has < (large ? 3 : 4.5) - 0.05)
      faint.push(`contrast ${has.toFixed(2)}: "${text.textContent.trim().slice(0, 60)}", ${named(shown)} on ${named(under)}`);
  }
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== felt);
  scrollTo(0, 0);
  return faint.slice(0, 10);
}

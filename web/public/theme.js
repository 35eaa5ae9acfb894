// Before the first paint: light or dark, as was chosen here or as the address says. Absent means as the system has it.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('theme');
  } catch {
    // storage may be closed; the system's choice holds
  }
  const asked = new URLSearchParams(location.search).get('theme');
  if (asked === 'light' || asked === 'dark') chosen = asked;
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
})();

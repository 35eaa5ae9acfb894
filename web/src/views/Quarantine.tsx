export default function Quarantine(_: { rest: string }) {
  return null;
}
